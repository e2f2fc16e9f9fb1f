"""Rollups of leads, outcomes, spend and sessions: sums of their sources; twice = once; parts = all at once."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Table, delete, func, insert, select

from store import lead_facts
from store.funnel_rollups import rewrite_funnel
from store.funnel_sums import funnel_sums
from store.lead_rollups import rewrite_days, rewrite_outcomes
from store.report_schema import (
    campaign_days,
    campaign_months,
    channel_days,
    channel_months,
    lead_days,
    outcome_days,
    spend_days,
    traffic_days,
)
from store.report_scope import ReportScope
from tests.store.fact_rows import random_facts
from tests.store.report_rows import spend, traffic

TABLES = (campaign_days, campaign_months, channel_days, channel_months)
FIRST = date(2026, 9, 20)
DAYS = [str(FIRST + timedelta(days=number)) for number in range(50)]


@pytest.fixture
def filled(connection: Connection) -> Connection:
    facts = random_facts(200, 4)
    lead_facts.write(connection, facts)
    days = sorted({*DAYS, *(row["day"] for row in facts)})
    rewrite_days(connection, days)
    rewrite_outcomes(connection, days, ZoneInfo("Europe/Rome"))
    connection.execute(insert(spend_days), [spend(day=day, converted_micros=2_500_000) for day in DAYS[::3]])
    connection.execute(insert(traffic_days), [traffic(day=day) for day in DAYS[::4]])
    return connection


def content(connection: Connection) -> list[list[tuple[object, ...]]]:
    return [sorted(tuple(row) for row in connection.execute(select(table))) for table in TABLES]


def all_days(connection: Connection) -> list[str]:
    tables = (lead_days, outcome_days, spend_days, traffic_days)
    return sorted({day for table in tables for day in connection.execute(select(table.c.day)).scalars()})


def total(connection: Connection, table: Table, name: str) -> int:
    return int(connection.execute(select(func.coalesce(func.sum(table.c[name]), 0))).scalar_one())


def test_sums_are_those_of_the_sources(filled: Connection) -> None:
    written = rewrite_funnel(filled, all_days(filled))
    assert written == sum(map(len, content(filled)))
    for table in TABLES:
        assert total(filled, table, "leads") == total(filled, lead_days, "leads") > 0
        assert total(filled, table, "event_won") == total(filled, outcome_days, "won")
        assert total(filled, table, "spend_converted_micros") == total(filled, spend_days, "converted_micros") > 0
        assert total(filled, table, "sessions") == total(filled, traffic_days, "sessions") > 0


def test_written_again_is_written_once_and_parts_are_the_whole(filled: Connection) -> None:
    days = all_days(filled)
    rewrite_funnel(filled, days)
    whole = content(filled)
    rewrite_funnel(filled, days[10:30])
    assert content(filled) == whole
    for table in TABLES:
        filled.execute(delete(table))
    for day in days:
        rewrite_funnel(filled, [day])
    assert content(filled) == whole
    assert rewrite_funnel(filled, []) == 0


def test_a_day_that_has_nothing_left_has_no_row(filled: Connection) -> None:
    rewrite_funnel(filled, all_days(filled))
    for table in (lead_days, outcome_days, spend_days, traffic_days):
        filled.execute(delete(table))
    rewrite_funnel(filled, sorted(filled.execute(select(campaign_days.c.day)).scalars()))
    assert content(filled) == [[], [], [], []]


def test_months_and_days_between_add_up(filled: Connection) -> None:
    rewrite_funnel(filled, all_days(filled))
    first, last = date(2026, 9, 22), date(2026, 11, 5)
    scope = ReportScope()
    names = ("leads", "spend_converted_micros", "sessions")
    [whole] = funnel_sums(filled, scope, first, last, names=names).values()
    by_day = funnel_sums(filled, scope, first, last, ("day",), names).values()
    assert whole == {name: sum(row[name] for row in by_day) for name in names}
    by_channel = funnel_sums(filled, scope, first, last, ("channel",), names).values()
    assert whole == {name: sum(row[name] for row in by_channel) for name in names}
