"""Filters as conditions, and ranges of days as whole months or weeks and the rest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from store.report_schema import lead_facts, metric_days
from store.report_scope import ReportScope, counted, split_months, split_weeks, within
from tests.store.fact_rows import fact

DAYS = st.dates(date(2023, 12, 1), date(2026, 3, 1))


def covered(days: list[tuple[date, date]]) -> list[date]:
    return [first + timedelta(days=number) for first, last in days for number in range((last - first).days + 1)]


@given(DAYS, DAYS)
def test_months_and_days_cover_each_day_once(first: date, last: date) -> None:
    days, months = split_months(first, last)
    expected = covered([(first, last)])
    whole = [] if months is None else [day for day in expected if months[0] <= day.isoformat()[:7] <= months[1]]
    assert sorted(covered(days) + whole) == expected
    if months is not None:
        assert whole[0].day == 1
        assert (whole[-1] + timedelta(days=1)).day == 1


@given(DAYS, DAYS)
def test_weeks_and_days_cover_each_day_once(first: date, last: date) -> None:
    days, weeks = split_weeks(first, last)
    whole = []
    if weeks is not None:
        begin, monday = map(date.fromisoformat, weeks)
        assert begin.weekday() == monday.weekday() == 0
        whole = covered([(begin, monday + timedelta(days=6))])
    assert sorted(covered(days) + whole) == covered([(first, last)])
    assert len(covered(days)) < 13


@pytest.mark.parametrize(
    ("first", "last", "days", "months"),
    [
        (date(2024, 2, 1), date(2024, 2, 29), [], ("2024-02", "2024-02")),
        (date(2024, 2, 1), date(2024, 2, 28), [(date(2024, 2, 1), date(2024, 2, 28))], None),
        (date(2025, 12, 31), date(2026, 1, 31), [(date(2025, 12, 31), date(2025, 12, 31))], ("2026-01", "2026-01")),
        (date(2026, 3, 2), date(2026, 3, 1), [], None),
    ],
)
def test_months(first: date, last: date, days: list[tuple[date, date]], months: tuple[str, str] | None) -> None:
    assert split_months(first, last) == (days, months)


def test_conditions_are_on_the_columns_that_a_table_has() -> None:
    scope = ReportScope(("Email",), ("name:x",), ("IT",))
    assert len(scope.conditions(lead_facts)) == 3
    assert len(scope.conditions(metric_days)) == 2
    assert ReportScope().conditions(lead_facts) == []
    assert scope.without_countries() == ReportScope(("Email",), ("name:x",))


def test_rows_within_filters_and_days(connection: Connection) -> None:
    rows = [("A", "IT", "2026-10-01"), ("B", "DE", "2026-10-02"), ("C", "", "2026-10-03"), ("D", "IT", "2026-10-04")]
    connection.execute(insert(lead_facts), [fact(lead, country=country, day=day) for lead, country, day in rows])
    scope = ReportScope(countries=("IT", "DE"))
    query = select(lead_facts.c.lead_id).where(*scope.conditions(lead_facts)).order_by(lead_facts.c.lead_id)
    first, last = date(2026, 10, 1), date(2026, 10, 3)
    assert connection.execute(query.where(within(lead_facts.c.day, first, last))).scalars().all() == ["A", "B"]
    assert connection.execute(query.where(within(lead_facts.c.day, last, first))).scalars().all() == []


def test_sums_are_integers() -> None:
    assert counted([Decimal("12"), None, 3]) == [12, 0, 3]
    assert all(type(value) is int for value in counted([Decimal("12"), None, 3]))
