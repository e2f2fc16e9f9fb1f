"""Periods by name: their days, the ones before, and names that are refused."""

from __future__ import annotations

from datetime import date

import pytest

from reporting.views.report_period import LONGEST_DAYS, DayRange, canonical_period, days_of, previous_days, year_before

TODAY = date(2026, 11, 28)


def span(first: str, last: str) -> DayRange:
    return DayRange(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last-1-days", span("2026-11-28", "2026-11-28")),
        ("last-30-days", span("2026-10-30", "2026-11-28")),
        ("2024", span("2024-01-01", "2024-12-31")),
        ("2024-Q1", span("2024-01-01", "2024-03-31")),
        ("2024-02", span("2024-02-01", "2024-02-29")),
        ("2026-01-05..2026-01-05", span("2026-01-05", "2026-01-05")),
    ],
)
def test_days_of_a_name(text: str, expected: DayRange) -> None:
    assert days_of(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2026-Q5", "2026-13", "last-0-days", f"last-{LONGEST_DAYS + 1}-days", "2026-02-02..2026-02-01", "2026\n",
     "2026-02-30..2026-03-01", "1999-01-01..2026-01-01", "２０２６"],
)  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        days_of(text, TODAY)
    with pytest.raises(ValueError, match=r"."):
        canonical_period(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last-7-days", span("2026-11-15", "2026-11-21")),
        ("2026-10", span("2026-09-01", "2026-09-30")),
        ("2026-11", span("2026-10-01", "2026-10-28")),  # 28 days have passed
        ("2026-Q4", span("2026-07-01", "2026-08-28")),  # 59 days
        ("2025", span("2024-01-01", "2024-12-31")),
        ("2026-03-01..2026-03-10", span("2026-02-19", "2026-02-28")),
    ],
)
def test_days_before(text: str, expected: DayRange) -> None:
    assert previous_days(text, TODAY, TODAY) == expected


def test_a_long_month_is_compared_with_the_whole_short_one() -> None:
    today = date(2026, 3, 30)
    assert previous_days("2026-03", today, today) == span("2026-02-01", "2026-02-28")


@pytest.mark.parametrize(
    ("text", "last", "expected"),
    [
        ("last-90-days", "2026-09-30", span("2026-07-31", "2026-08-30")),  # 31 days, from 31 August on
        ("2026-09-02..2026-12-31", "2026-09-30", span("2026-08-04", "2026-09-01")),
        ("2026-Q4", "2026-10-20", span("2026-07-01", "2026-07-20")),
        ("2026-09", "2026-09-30", span("2026-08-01", "2026-08-31")),
    ],
)
def test_data_that_end_early_are_compared_with_as_many_days(text: str, last: str, expected: DayRange) -> None:
    assert previous_days(text, date.fromisoformat(last), TODAY) == expected


def test_ranges_and_years() -> None:
    assert span("2026-01-02", "2026-01-01").days == 0
    assert span("2026-01-01", "2026-12-31").until(date(2025, 1, 1)).days == 0
    assert year_before(span("2024-02-29", "2024-03-01")) == span("2023-02-28", "2023-03-01")
    assert canonical_period("2025-01-01..2025-12-31") == "2025"
    assert canonical_period("2025-01-01..2025-12-30") == "2025-01-01..2025-12-30"
