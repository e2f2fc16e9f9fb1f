"""Open deals by the stage that they have reached."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, insert

from store.pipeline_stages import OpenDeals, open_deals
from store.report_schema import lead_facts
from store.report_scope import ReportScope
from store.timestamps import stamp
from tests.store.fact_rows import NOW, fact

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 21)


def test_open_deals_by_day_and_stage(connection: Connection) -> None:
    at = stamp(NOW)
    rows = [
        fact("A", sql_at=at, expected_revenue_micros=5),
        fact("B", sql_at=at, expected_revenue_micros=6),
        fact("C", sql_at=at),
        fact("D", sql_at=at, quote_at=at, expected_revenue_micros=7),
        fact("E", quote_at=at, country="DE"),
        fact("F", NOW + timedelta(days=1), sql_at=at, expected_revenue_micros=8),
        fact("G", sql_at=at, won_at=at, expected_revenue_micros=100),
        fact("H", quote_at=at, lost_at=at, expected_revenue_micros=100),
        fact("I", mql_at=at, expected_revenue_micros=100),
        fact("J", NOW - timedelta(days=1), sql_at=at, expected_revenue_micros=100),
    ]
    connection.execute(insert(lead_facts), rows)
    assert sorted(open_deals(connection, ReportScope(), FIRST, LAST)) == [
        OpenDeals("2026-11-20", "quoted", 2, 7, 1),
        OpenDeals("2026-11-20", "sql", 3, 11, 1),
        OpenDeals("2026-11-21", "sql", 1, 8, 0),
    ]
    german = open_deals(connection, ReportScope(countries=("DE",)), FIRST, LAST)
    assert german == [OpenDeals("2026-11-20", "quoted", 1, 0, 1)]
    assert open_deals(connection, ReportScope(), LAST, FIRST) == []
