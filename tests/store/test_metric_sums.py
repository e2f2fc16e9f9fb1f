"""Sums of imported counts, of search queries, and of what search could have shown."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from store.metric_sums import QuerySums, SearchedSums, daily_counts, query_sums, searched_sums
from store.report_schema import metric_days, query_days, spend_days
from store.report_scope import ReportScope
from tests.store.report_rows import FIRST, LAST, metric, query, spend

ALL = ReportScope()


def test_counts_by_day(connection: Connection) -> None:
    rows = [
        metric(),
        metric(account_id="2", count=4),
        metric(name="sign_ups", channel="Email"),
        metric(name="other"),
        metric(day="2026-11-01"),
    ]
    connection.execute(insert(metric_days), rows)
    names = ["downloads", "sign_ups"]
    assert daily_counts(connection, ALL, names, FIRST, LAST) == {"2026-10-01": {"downloads": 7, "sign_ups": 3}}
    email = ReportScope(("Email",))
    assert daily_counts(connection, email, names, FIRST, LAST) == {"2026-10-01": {"sign_ups": 3}}
    assert daily_counts(connection, ReportScope(countries=("IT",)), names, FIRST, LAST) == {}
    assert daily_counts(connection, ALL, [], FIRST, LAST) == {}


def test_clicks_and_costs_of_queries(connection: Connection) -> None:
    rows = [
        query(),
        query(day="2026-10-02", country="IT", clicks=2),
        query(query="", clicks=9),
        query(kind="paid", clicks=4, cost_micros=8, converted_micros=7, currency="EUR"),
        query(kind="paid", day="2026-10-03", clicks=1, cost_micros=8, currency="XXX"),
        query(day="2026-11-01", clicks=100),
    ]
    connection.execute(insert(query_days), rows)
    assert query_sums(connection, ALL, FIRST, LAST) == [
        QuerySums("1", "organic", "", 9, 0, 0),
        QuerySums("1", "organic", "crm", 3, 0, 0),
        QuerySums("1", "paid", "crm", 5, 7, 1),
    ]
    assert query_sums(connection, ReportScope(countries=("IT",)), FIRST, LAST) == [
        QuerySums("1", "organic", "crm", 2, 0, 0)
    ]
    assert query_sums(connection, ReportScope(("Paid Search",)), FIRST, LAST) == []
    assert query_sums(connection, ReportScope(campaigns=("meta:1:9",)), FIRST, LAST) == []


def test_impressions_of_search(connection: Connection) -> None:
    rows = [
        spend(),
        spend(campaign_id="8", eligible_impressions=7.25, eligible_is_bound=True),
        spend(day="2026-10-02", eligible_impressions=3.0),
        spend(day="2026-10-03", eligible_impressions=None, eligible_is_bound=True),
    ]
    connection.execute(insert(spend_days), rows)
    assert searched_sums(connection, ALL, FIRST, LAST) == {
        "2026-10-01": SearchedSums(19.75, True),
        "2026-10-02": SearchedSums(3.0, False),
    }
    assert searched_sums(connection, ALL, LAST, FIRST) == {}
