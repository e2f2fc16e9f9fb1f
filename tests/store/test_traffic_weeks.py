"""Traffic of weeks is the sum of their days."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, delete, insert, select

from store.report_schema import data_imports, traffic_days, traffic_weeks
from store.traffic_weeks import imported_days, monday, rewrite_weeks
from tests.store.report_rows import record, traffic


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-11-23", "2026-11-23"), ("2026-11-29", "2026-11-23"), ("2027-01-03", "2026-12-28")]
)
def test_the_monday_of_a_day(day: str, expected: str) -> None:
    assert monday(day) == date.fromisoformat(expected)


def weeks(connection: Connection) -> list[tuple[str, str, int, int, int]]:
    table = traffic_weeks.c
    query = select(table.week, table.country, table.sessions, table.views, table.key_events)
    return [tuple(row) for row in connection.execute(query.order_by(table.week, table.country))]


def test_weeks_are_written_again(connection: Connection) -> None:
    rows = [
        traffic(day="2026-09-27"),  # Sunday
        traffic(day="2026-09-28"),
        traffic(day="2026-10-04", source="bing", views=None, key_events=2),
        traffic(day="2026-10-04", country="DE", sessions=1),
    ]
    connection.execute(insert(traffic_days), rows)
    rewrite_weeks(connection, ["2026-10-04", "2026-09-28"])
    expected = [("2026-09-28", "DE", 1, 9, 0), ("2026-09-28", "IT", 10, 9, 2)]
    assert weeks(connection) == expected
    rewrite_weeks(connection, ["2026-09-27"])
    assert weeks(connection) == [("2026-09-21", "IT", 5, 9, 0), *expected]
    connection.execute(delete(traffic_days).where(traffic_days.c.day == "2026-10-04"))
    rewrite_weeks(connection, ["2026-09-30"])
    assert weeks(connection) == [("2026-09-21", "IT", 5, 9, 0), ("2026-09-28", "IT", 5, 9, 0)]


def test_the_number_of_written_rows(connection: Connection) -> None:
    connection.execute(insert(traffic_days), [traffic(), traffic(country="DE"), traffic(day="2026-10-05")])
    assert rewrite_weeks(connection, []) == 0
    assert rewrite_weeks(connection, ["2026-10-01", "2026-10-02", "2026-10-05"]) == 3


def test_days_that_imports_have_written(connection: Connection) -> None:
    connection.execute(insert(traffic_days), [traffic(), traffic(day="2026-10-07"), traffic(source="bing")])
    rows = [
        record(import_id="1", kind="traffic", first_day="2026-09-30", last_day="2026-10-02", imported_at="2026-10-09"),
        record(import_id="2", kind="traffic", first_day="2026-10-02", last_day="2026-10-03", imported_at="2026-10-10"),
        record(import_id="3", kind="spend", first_day="2026-10-05", last_day="2026-10-05", imported_at="2026-10-10"),
    ]
    connection.execute(insert(data_imports), rows)
    assert sorted(imported_days(connection, None)) == ["2026-10-01", "2026-10-07"]
    assert imported_days(connection, "2026-10-09") == ["2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03"]
    assert imported_days(connection, "2026-10-10") == ["2026-10-02", "2026-10-03"]
    assert imported_days(connection, "2026-10-11") == []
