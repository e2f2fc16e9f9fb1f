"""Whole days are replaced, and a repeat changes nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, func, select

from store import metric_days, query_days, spend_days, traffic_days
from store.data_imports import add_import, origins_of, repeat_import
from store.day_rows import ReplacedDays
from store.report_schema import data_imports
from tests.store.report_rows import FIRST, LAST, metric, query, record, spend, traffic
from tests.store.rows import NOW


def count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def test_days_of_one_account_are_replaced(connection: Connection) -> None:
    other = spend(account_id="2")
    assert spend_days.replace_days(connection, "meta", "2", FIRST, LAST, [other]) == ReplacedDays(0, 1, False)
    assert (
        spend_days.replace_days(connection, "meta", "1", FIRST, LAST, [spend(), spend(day="2026-10-02")]).inserted == 2
    )
    assert spend_days.replace_days(connection, "meta", "1", FIRST, FIRST, [spend(cost_micros=5)]) == ReplacedDays(
        1, 1, False
    )
    table = spend_days.spend_days
    costs = select(table.c.account_id, table.c.day, table.c.cost_micros).order_by(table.c.account_id, table.c.day)
    assert [tuple(row) for row in connection.execute(costs)] == [
        ("1", "2026-10-01", 5),
        ("1", "2026-10-02", -1_250_000),
        ("2", "2026-10-01", -1_250_000),
    ]


def test_days_without_rows_become_empty(connection: Connection) -> None:
    spend_days.replace_days(connection, "meta", "1", FIRST, LAST, [spend()])
    assert spend_days.replace_days(connection, "meta", "1", FIRST, LAST, []) == ReplacedDays(1, 0, False)


@pytest.mark.parametrize("order", [1, -1])
def test_a_repeat_in_any_order_changes_nothing(connection: Connection, order: int) -> None:
    rows = [spend(), spend(day="2026-10-02", impressions=None)]
    spend_days.replace_days(connection, "meta", "1", FIRST, LAST, rows)
    again = [{**row, "import_id": "b" * 32} for row in rows[::order]]
    assert spend_days.replace_days(connection, "meta", "1", FIRST, LAST, again) == ReplacedDays(0, 0, True)
    assert spend_days.imports_of(connection, "meta", "1", FIRST, LAST) == {"a" * 32}


def test_traffic(connection: Connection) -> None:
    traffic_days.replace_days(connection, "1", FIRST, LAST, [traffic(), traffic(source="bing")])
    assert traffic_days.replace_days(connection, "1", FIRST, LAST, [traffic()]) == ReplacedDays(2, 1, False)
    assert traffic_days.imports_of(connection, "1", FIRST, LAST) == {"a" * 32}


def test_counts_of_other_names_stay(connection: Connection) -> None:
    metric_days.replace_days(connection, "1", {"downloads"}, FIRST, LAST, [metric()])
    metric_days.replace_days(connection, "1", {"log_ins"}, FIRST, LAST, [metric(name="log_ins")])
    assert count(connection, metric_days.metric_days) == 2
    assert metric_days.imports_of(connection, "1", {"sign_ups"}, FIRST, LAST) == frozenset()


def test_queries_of_the_other_kind_stay(connection: Connection) -> None:
    query_days.replace_days(connection, "1", {"organic"}, FIRST, LAST, [query()])
    query_days.replace_days(connection, "1", {"paid"}, FIRST, LAST, [query(kind="paid")])
    assert count(connection, query_days.query_days) == 2
    assert query_days.imports_of(connection, "1", {"paid"}, FIRST, date(2026, 10, 2)) == {"a" * 32}


def test_a_repeated_import_is_recorded_once(connection: Connection) -> None:
    add_import(connection, record(), NOW)
    assert repeat_import(connection, record(import_id="b" * 32), NOW) == "a" * 32
    assert repeat_import(connection, record(import_id="c" * 32, last_day="2026-11-01"), NOW) == "c" * 32
    assert count(connection, data_imports) == 2
    assert origins_of(connection, {"a" * 32, "x"}) == {"a" * 32: "file a.csv"}
