"""Junk alarms: channel, campaign and money, updated from new decisions only."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring import junk_alarms
from monitoring.cusum import LEARNING_OBSERVATIONS, Cusum, alarm_limit
from monitoring.junk_alarms import JunkMonitor
from store import decision_log
from store.engine import open_engine
from store.migrate import upgrade
from store.recent_decisions import FirstDecision
from tests.store.rows import decision_row

DAY = 86_400.0
THRESHOLD = 0.5
PERIOD = timedelta(days=365)


def leads_of(seed: int, rows: int = 1_200, share: float = 0.8) -> list[FirstDecision]:
    """Return leads of two channels; after lead 1,000 the campaign `retargeting` of display is mostly bots."""
    rng = np.random.default_rng(seed)
    leads = []
    for number in range(rows):
        channel = "display" if number % 2 else "search"
        flooded = number > 1_000 and channel == "display"
        campaign = "retargeting" if rng.random() < (0.8 if flooded else 0.5) else "prospecting"
        junk = rng.random() < (share if flooded and campaign == "retargeting" else 0.05)
        probability, value = (0.9, 0.0) if junk else (0.02, 100.0)
        leads.append(FirstDecision(f"{number:032x}", number * DAY / 8, channel, campaign, probability, value, not junk))
    return leads


def monitor_of(leads: list[FirstDecision], threshold: float | None = THRESHOLD) -> JunkMonitor:
    monitor = JunkMonitor(PERIOD)
    monitor.restart(datetime(1970, 1, 1, tzinfo=UTC), threshold)
    monitor.update(leads)
    return monitor


def test_an_alarm_names_channel_campaign_and_money() -> None:
    [alarm] = monitor_of(leads_of(0)).alarms(touch_cost=25.0)
    assert (alarm.channel, alarm.campaign) == ("display", "retargeting")
    assert alarm.since > 960 * DAY / 8
    assert alarm.since <= alarm.seconds
    assert alarm.low < alarm.after < alarm.high
    assert alarm.before < 0.1
    assert alarm.credited == pytest.approx(100.0 * alarm.junk)
    assert alarm.wasted == 25.0 * alarm.junk
    assert alarm.at_risk == alarm.credited + alarm.wasted


@given(st.integers(0, 2**32), st.lists(st.integers(0, 1_200), max_size=6), st.sampled_from([0.3, 0.8, 1.0]))
@settings(max_examples=30, deadline=None)
def test_pages_of_any_size_give_the_alarms_of_one_pass(seed: int, cuts: list[int], share: float) -> None:
    leads = leads_of(seed, share=share)
    monitor, start = monitor_of([]), 0
    for stop in [*sorted(cuts), len(leads)]:
        monitor.update(leads[start:stop])
        start = stop
    expected = batch_alarm(leads, "display")
    found = {alarm.channel: alarm for alarm in monitor.alarms(25.0)}
    assert monitor.alarms(25.0) == monitor_of(leads).alarms(25.0)
    if expected is None:
        assert "display" not in found
    else:
        alarm = found["display"]
        assert (alarm.since, alarm.seconds, alarm.leads, alarm.junk, alarm.campaign) == expected[:5]
        assert alarm.at_risk == pytest.approx(expected[5])


def batch_alarm(leads: list[FirstDecision], channel: str) -> tuple[float, float, int, int, str, float] | None:
    """Return time of change and alarm, leads, junk, campaign and money at risk, computed from the whole table."""
    detector, junk_so_far, own = Cusum(), 0, []
    for count, lead in enumerate(leads, start=1):
        junk_so_far += lead.junk_probability >= THRESHOLD
        if lead.channel == channel:
            own.append(lead)
            days = max((lead.seconds - own[0].seconds) / DAY, 1.0)
            limit = alarm_limit(365.0 * len(own) / days)
            detector.update(lead.junk_probability >= THRESHOLD, junk_so_far / count, limit)
    if detector.alarm is None or detector.start is None:
        return None
    since = own[detector.start :]
    junk = [lead.campaign for lead in since if lead.junk_probability >= THRESHOLD]
    genuine = [lead.value for lead in own if lead.junk_probability < THRESHOLD]
    name = max(sorted(set(junk)), key=junk.count)
    before = [lead.campaign for lead in own[: detector.start]]
    share, usual = junk.count(name) / len(junk), before.count(name) / len(before)
    campaign = name if share > 0.5 or share > 1.5 * usual else ""
    at_risk = len(junk) * (sum(genuine) / len(genuine) + 25.0)
    return since[0].seconds, own[detector.alarm].seconds, len(since), len(junk), campaign, at_risk


def test_without_a_threshold_junk_is_what_was_not_accepted() -> None:
    leads = leads_of(0)
    assert monitor_of(leads, None).alarms(25.0) == monitor_of(leads).alarms(25.0)
    accepted = [lead._replace(accepted=True) for lead in leads]
    assert monitor_of(accepted, None).alarms(25.0) == []


def test_junk_that_has_ended_gives_no_alarm() -> None:
    leads = leads_of(0)
    after = [
        FirstDecision(f"{9_000 + n:032x}", (1_200 + n) * DAY / 8, "display", "retargeting", 0.02, 100.0, True)
        for n in range(300)
    ]
    assert monitor_of([*leads, *after]).alarms(25.0) == []


def test_text_of_visitors_takes_memory_once() -> None:
    """Arrays of fixed-width text would take 1,200 x 400,000 x 4 bytes."""
    leads = leads_of(0)
    leads[-2] = leads[-2]._replace(channel="x" * 400_000)
    leads[-1] = leads[-1]._replace(campaign="y" * 400_000)
    tracemalloc.start()
    try:
        alarms = monitor_of(leads).alarms(25.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [(alarm.channel, alarm.campaign) for alarm in alarms] == [("display", "retargeting")]
    assert peak < 4_000_000


def test_invented_channels_and_campaigns_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junk_alarms, "MAX_CHANNELS", 5)
    monkeypatch.setattr(junk_alarms, "MAX_CAMPAIGNS", 5)
    names = [FirstDecision(f"{n:032x}", n * 60.0, f"channel{n}", "", 0.1, 1.0, True) for n in range(50)]
    monitor = monitor_of(names)
    assert len(monitor.channels) == 6
    assert monitor.channels[""].detector.count == 45
    campaigns = [FirstDecision(f"{n:032x}", n * 60.0, "search", f"campaign{n}", 0.1, 1.0, True) for n in range(50)]
    assert len(monitor_of(campaigns).channels["search"]._campaigns) == 6


def test_no_leads_no_alarm() -> None:
    assert monitor_of([]).alarms(25.0) == []
    assert monitor_of([]).undecided_share == 0.0


@pytest.mark.parametrize("page", [7, 5_000])
def test_a_look_reads_what_is_new(store_url: str, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(junk_alarms, "PAGE_ROWS", page)
    engine = open_engine(store_url)
    upgrade(engine)
    now = datetime.now(UTC)
    monitor = JunkMonitor(PERIOD)

    def decide(*leads: int, at: datetime) -> None:
        values = {"scored_at": at.isoformat(timespec="microseconds"), "channel": "search", "junk_probability": 0.9}
        with engine.begin() as connection:
            for number in leads:
                key = f"{int(at.timestamp() * 1e9) + number:016x}{number:016x}"
                decision_log.insert(connection, [decision_row(f"L{number}", decision_id=key, **values)])

    def look(threshold: float = THRESHOLD, later: timedelta = timedelta()) -> tuple[int, tuple[int, int]]:
        with engine.connect() as connection:
            monitor.look(connection, now + later, threshold)
        return monitor.leads, monitor.channels["search"].recent_counts(now)

    decide(1, at=now - timedelta(days=400))  # before the period
    decide(2, 3, at=now - timedelta(days=40))
    decide(*range(4, 24), at=now - timedelta(days=2))
    assert look() == (22, (20, 20))
    decide(2, 3, 24, at=now - timedelta(days=1))  # two leads are scored again
    decide(25, at=now + timedelta(seconds=1))  # too new: an earlier one may not be committed yet
    assert look() == (23, (21, 21))
    assert look(later=timedelta(seconds=10)) == (24, (22, 22))
    assert look(threshold=0.95, later=timedelta(seconds=10)) == (24, (22, 0))
    assert look(threshold=0.95, later=timedelta(days=327)) == (22, (22, 0))  # starts anew: a day has passed
    engine.dispose()


def test_a_channel_is_learned_before_it_gives_alarms() -> None:
    flood = [FirstDecision(f"{n:032x}", n * 60.0, "new", "", 0.9, 0.0, False) for n in range(LEARNING_OBSERVATIONS)]
    assert monitor_of(flood).alarms(25.0) == []
