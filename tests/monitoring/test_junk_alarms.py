"""Alarms: soon where bots flood a channel, hardly ever where nothing has changed, and with the money they cost."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.junk_alarms import Stream, alarms, changes, limit_of, wilson

DAY = 86_400.0


@pytest.mark.parametrize("share", [0.02, 0.05, 0.15, 0.3])
def test_a_year_in_which_nothing_changes_is_quiet(share: float) -> None:
    found = [len(changes(np.random.default_rng(seed).random(3_000) < share, share, 3_000)) for seed in range(60)]
    assert np.mean(found) < 0.1


def test_a_flood_is_seen_within_a_few_dozen_leads() -> None:
    delays = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        stream = np.concatenate([rng.random(800) < 0.05, rng.random(150) < 0.45])
        delays.append(next(change.alarm for change in changes(stream, 0.05, 3_000)) - 799)
    assert max(delays) <= 150
    assert np.median(delays) < 40


def test_it_ends_where_the_share_falls_back() -> None:
    rng = np.random.default_rng(1)
    stream = np.concatenate([rng.random(800) < 0.05, rng.random(200) < 0.5, rng.random(600) < 0.05])
    [change] = changes(stream, 0.05, 3_000)
    assert change.over is not None
    assert 1_000 < change.over < 1_060
    assert change.before == pytest.approx(0.05, abs=0.03)
    assert change.after > 0.35


def test_a_rare_channel_needs_more_than_one_bad_lead() -> None:
    stream = np.zeros(200, dtype=bool)
    stream[150] = True
    assert changes(stream, 0.02, 100) == []


@given(st.lists(st.booleans(), max_size=400), st.floats(0, 1), st.floats(1, 1e6))
@settings(max_examples=80, deadline=None)
def test_any_stream_is_read(stream: list[bool], usual: float, rate: float) -> None:
    for change in changes(np.array(stream, dtype=bool), usual, rate):
        assert change.start <= change.alarm < len(stream)
        assert change.over is None or change.over > change.alarm


@given(st.integers(0, 500), st.integers(0, 500))
def test_intervals_hold_the_share(hits: int, misses: int) -> None:
    low, high = wilson(hits, hits + misses)
    share = hits / (hits + misses) if hits + misses else 0.5
    assert -1e-9 <= low <= share + 1e-9 <= high + 2e-9 <= 1 + 3e-9


def test_more_leads_a_year_ask_for_more_evidence() -> None:
    assert limit_of(10_000) > limit_of(1_000)


def flood(seed: int = 0) -> Stream:
    """Return 600 leads of two channels; the campaign `retargeting` of display turns to bots at the end."""
    rng = np.random.default_rng(seed)
    channel = np.where(np.arange(1_200) % 2 == 0, "search", "display").astype(object)
    campaign = np.where(rng.random(1_200) < 0.5, "prospecting", "retargeting").astype(object)
    late = (np.arange(1_200) > 1_000) & (channel == "display")
    campaign[late & (rng.random(1_200) < 0.6)] = "retargeting"
    junk = rng.random(1_200) < np.where(late & (campaign == "retargeting"), 0.8, 0.05)
    return Stream(np.arange(1_200) * DAY / 8, channel, campaign, junk, np.where(junk, 0.0, 100.0))


def test_an_alarm_names_channel_campaign_and_money() -> None:
    [alarm] = alarms(flood(), touch_cost=25.0)
    assert (alarm.channel, alarm.campaign) == ("display", "retargeting")
    assert alarm.since > 960 * DAY / 8
    assert alarm.low < alarm.after < alarm.high
    assert alarm.before < 0.1
    assert alarm.credited == pytest.approx(100.0 * alarm.junk)
    assert alarm.wasted == 25.0 * alarm.junk
    assert alarm.at_risk == alarm.credited + alarm.wasted


def test_one_huge_text_of_a_visitor_costs_no_memory() -> None:
    """Arrays of fixed-width text would take 1,200 x 400,000 x 4 bytes."""
    stream = flood()
    stream.channel[-2], stream.campaign[-1] = "x" * 400_000, "y" * 400_000
    tracemalloc.start()
    try:
        found = alarms(stream, touch_cost=25.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [(alarm.channel, alarm.campaign) for alarm in found] == [("display", "retargeting")]
    assert peak < 4_000_000


def test_no_leads_no_alarm() -> None:
    none = np.zeros(0)
    assert alarms(Stream(none, none.astype(object), none.astype(object), none.astype(bool), none), 25.0) == []
