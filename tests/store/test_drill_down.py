"""Leads and rows behind a figure add up to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from store.drill_down import (
    LEAD_PARTS,
    LeadSelection,
    every_lead,
    lead_page,
    lead_totals,
    moments_of,
    spend_behind,
    traffic_behind,
)
from store.report_schema import lead_facts, spend_days, traffic_days
from store.report_scope import ReportScope
from store.timestamps import stamp
from tests.store.fact_rows import NOW, fact, random_facts
from tests.store.report_rows import FIRST, LAST, spend, traffic

ROME = ZoneInfo("Europe/Rome")


def selection(*parts: str, **changes: Any) -> LeadSelection:
    given = {"scope": ReportScope(), "first": date(2026, 11, 1), "last": date(2026, 11, 30), "zone": ROME}
    return LeadSelection(**{**given, "parts": parts, **changes})


def test_the_moments_of_days_follow_the_zone() -> None:
    assert moments_of(date(2026, 3, 28), date(2026, 3, 29), ROME) == (
        "2026-03-27T23:00:00.000000+00:00",
        "2026-03-29T22:00:00.000000+00:00",
    )


def test_what_leads_add_to_each_sum(connection: Connection) -> None:
    at = stamp(NOW)
    won = {"won_at": at, "mql_at": at, "revenue_micros": 9, "cost_micros": 4, "touched_at": at}
    rows = [
        fact("A", zone=ROME, **won, junk_ppm=500_000, submit_win_ppm=7, submit_value_micros=8),
        fact("B", zone=ROME, mql_at=at, junk_ppm=499_999, win_ppm=300_000, value_micros=70),
        fact("C", zone=ROME, revenue_micros=1_000),  # not won
    ]
    connection.execute(insert(lead_facts), rows)
    count, sums = lead_totals(connection, selection(*LEAD_PARTS))
    assert count == 3
    assert {name: amount for name, amount in sums.items() if amount} == {
        "leads": 3,
        "scored": 2,
        "genuine_ppm": 1_000_001,
        "junk": 1,
        "mql": 2,
        "won": 1,
        "revenue_micros": 9,
        "cost_micros": 4,
        "open_scored": 1,
        "open_win_ppm": 300_000,
        "open_value_micros": 70,
        "submit_win_ppm": 7,
        "submit_value_micros": 8,
        "submit_won": 1,
        "submit_revenue_micros": 9,
        "touched": 1,
        "untouched": 1,
        "untouched_micros": 70,
    }
    assert lead_totals(connection, selection("won", scope=ReportScope(countries=("DE",)))) == (0, {"won": 0})


def test_the_calendar_counts_events_by_their_day(connection: Connection) -> None:
    october = datetime(2026, 10, 5, tzinfo=UTC)
    mql, won = stamp(october + timedelta(days=1)), stamp(datetime(2026, 10, 31, 23, tzinfo=UTC))  # 1 November in Rome
    connection.execute(insert(lead_facts), [fact("A", october, ROME, mql_at=mql, won_at=won, revenue_micros=9)])
    parts = ("mql", "won", "revenue_micros")
    assert lead_totals(connection, selection(*parts)) == (0, {"mql": 0, "won": 0, "revenue_micros": 0})
    assert lead_totals(connection, selection(*parts, is_calendar=True)) == (
        1,
        {"mql": 0, "won": 1, "revenue_micros": 9},
    )
    assert lead_totals(connection, selection("mql", is_calendar=True))[0] == 0


@pytest.mark.parametrize("changes", [{}, {"is_calendar": True}, {"every_day": True}])
def test_pages_hold_each_lead_once_and_add_up(connection: Connection, changes: dict[str, bool]) -> None:
    connection.execute(insert(lead_facts), random_facts(150, 3, zone=ROME))
    chosen = selection("untouched", "untouched_micros", **changes)
    leads: list[dict[str, Any]] = []
    while page := lead_page(connection, chosen, chosen.key_of(leads[-1]) if leads else None, limit=7):
        leads += page
    count, sums = lead_totals(connection, chosen)
    assert count == len(leads) == len({lead["lead_id"] for lead in leads}) > 7
    assert sums == {name: sum(lead["parts"][name] for lead in leads) for name in chosen.parts}
    assert list(every_lead(connection, chosen)) == leads
    keys = [chosen.key_of(lead) for lead in leads]
    assert keys == sorted(keys, reverse=True)


def test_spend_by_campaign(connection: Connection) -> None:
    rows = [
        spend(),
        spend(day="2026-10-02", campaign_name="Brand 2", cost_micros=5, converted_micros=4, eligible_impressions=None),
        spend(day="2026-11-01", cost_micros=1_000),
    ]
    connection.execute(insert(spend_days), rows)
    [found] = spend_behind(connection, ReportScope(), FIRST, LAST)
    assert (found["campaign_name"], found["cost_micros"], found["converted_micros"]) == ("Brand 2", -1_249_995, 4)
    assert (found["impressions"], found["unconverted"], found["searched_impressions"]) == (20, 1, 10)
    assert spend_behind(connection, ReportScope(("Email",)), FIRST, LAST) == []


def test_traffic_by_source(connection: Connection) -> None:
    rows = [traffic(), traffic(country="DE", sessions=2), traffic(source="bing", views=None)]
    connection.execute(insert(traffic_days), rows)
    found = traffic_behind(connection, ReportScope(), FIRST, LAST)
    assert [(row["source"], row["sessions"], row["views"], row["key_events"]) for row in found] == [
        ("bing", 5, 0, 0),
        ("google", 7, 18, 0),
    ]
