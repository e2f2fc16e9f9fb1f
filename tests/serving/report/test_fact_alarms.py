"""Junk alarms of leads that came by files: no decision is stored for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from monitoring.junk_alarms import JunkAlarm
from serving.report.fact_alarms import FactAlarms, fact_alarms, joined
from store import lead_facts, report_refreshes
from store.engine import open_engine
from store.lead_facts import Fact
from store.migrate import upgrade
from store.report_refreshes import ReportRefresh
from tests.store.fact_rows import NOW, fact

TOUCH_COST = 25.0


def flood(seed: int, leads: int = 900, since: int = 780) -> list[Fact]:
    """Return leads every four hours of two channels; from lead `since` on, half of those of Display are junk."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(leads):
        display = number % 2 == 1
        junk = rng.random() < (0.5 if display and number >= since else 0.04)
        rows.append(
            fact(
                f"L{number:05}",
                NOW - timedelta(hours=4 * (leads - number)),
                channel="Display" if display else "Paid Search",
                campaign_name="smart" if display else "brand",
                junk_ppm=930_000 if junk else 20_000,
                submit_value_micros=0 if junk else 100_000_000,
            )
        )
    return rows


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("seed", range(5))
def test_a_flood_raises_an_alarm_with_channel_campaign_and_money(engine: Engine, seed: int) -> None:
    rows = flood(seed)
    with engine.begin() as connection:
        lead_facts.write(connection, rows[::-1])  # the order of writing does not count
        [alarm] = fact_alarms(connection, TOUCH_COST, NOW)
    assert (alarm.channel, alarm.campaign) == ("Display", "smart")
    before = sum(row["channel"] == "Display" and row["submitted_at"] <= _stamp(alarm) for row in rows[780:])
    assert before <= 60
    assert alarm.at_risk == pytest.approx(alarm.junk * (TOUCH_COST + 100.0))


def test_without_a_flood_there_is_no_alarm(engine: Engine) -> None:
    with engine.begin() as connection:
        lead_facts.write(connection, flood(1, since=900))
        assert fact_alarms(connection, TOUCH_COST, NOW) == []


def test_later_leads_and_those_without_a_junk_probability_do_not_count(engine: Engine) -> None:
    rows = flood(2)
    with engine.begin() as connection:
        lead_facts.write(connection, rows)
        lead_facts.write(connection, [fact("none", NOW)])
        assert fact_alarms(connection, TOUCH_COST, NOW - timedelta(days=30)) == []


def test_facts_are_read_again_only_after_a_refresh(engine: Engine) -> None:
    watch = FactAlarms(TOUCH_COST)
    with engine.begin() as connection:
        report_refreshes.add(connection, ReportRefresh("2026-11-01", NOW, NOW, 0, 0))
        watch.look(connection, NOW)
        lead_facts.write(connection, flood(3))
        watch.look(connection, NOW)
        assert watch.alarms == []
        later = NOW + timedelta(hours=1)
        report_refreshes.add(connection, ReportRefresh("2026-11-01", later, later, 900, 900))
        watch.look(connection, later)
    assert [alarm.channel for alarm in watch.alarms] == ["Display"]


def test_the_decision_log_counts_where_both_have_a_channel() -> None:
    def alarm(channel: str, credited: float) -> JunkAlarm:
        return JunkAlarm(channel, "", 0.0, 1.0, 10, 5, 0.1, 0.5, 0.2, 0.8, credited, 0.0)

    log, facts = [alarm("Display", 10.0)], [alarm("Display", 99.0), alarm("Email", 50.0)]
    assert [(one.channel, one.credited) for one in joined(log, facts)] == [("Email", 50.0), ("Display", 10.0)]


def _stamp(alarm: JunkAlarm) -> str:
    from datetime import UTC, datetime

    from store.timestamps import stamp

    return stamp(datetime.fromtimestamp(alarm.seconds, UTC))
