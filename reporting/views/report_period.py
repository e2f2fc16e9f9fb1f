"""Period of the report: a name in the URL, and the days that it covers."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_DAYS = 3_660
ALLOWED = "last-90-days, 2026, 2026-Q4, 2026-10, 2026-09-01..2026-11-28"
_LAST_DAYS = re.compile(r"last-([1-9]\d{0,3})-days", re.ASCII)
_YEAR = re.compile(r"((?:19|20)\d\d)", re.ASCII)
_QUARTER = re.compile(r"((?:19|20)\d\d)-Q([1-4])", re.ASCII)
_MONTH = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_RANGE = re.compile(r"((?:19|20)\d\d-\d\d-\d\d)\.\.((?:19|20)\d\d-\d\d-\d\d)", re.ASCII)


@dataclass(frozen=True)
class DayRange:
    """Days from `first` to `last`, both included; `last` before `first` is an empty range."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return max((self.last - self.first).days + 1, 0)

    def until(self, day: date) -> DayRange:
        """Return the part that ends at a day at the latest.

        Examples
        --------
        >>> DayRange(date(2026, 10, 1), date(2026, 12, 31)).until(date(2026, 11, 28)).days
        59
        """
        return DayRange(self.first, min(self.last, day))


def canonical_period(text: str) -> str:
    """Return the shortest name of a period.

    Raises
    ------
    ValueError
        If it is no period.

    Examples
    --------
    >>> canonical_period("2026-10-01..2026-12-31"), canonical_period("2026-02-01..2026-02-28")
    ('2026-Q4', '2026-02')
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        days_of(text, date(2000, 1, 1))
        return text
    days = days_of(text, date(2000, 1, 1))
    year, month = days.first.year, days.first.month
    names = (f"{year}", f"{year}-Q{(month + 2) // 3}", f"{year}-{month:02}")
    return next((name for name in names if days_of(name, days.first) == days), text)


def days_of(text: str, today: date) -> DayRange:
    """Return the days of a period.

    Parameters
    ----------
    text
        Name of the period.
    today
        Last day of `last-90-days`, in the zone of the report.

    Raises
    ------
    ValueError
        If it is no period.

    Examples
    --------
    >>> days_of("2026-Q4", date(2026, 11, 28)).last.isoformat(), days_of("last-7-days", date(2026, 11, 28)).days
    ('2026-12-31', 7)
    """
    if match := _LAST_DAYS.fullmatch(text):
        if int(match[1]) <= LONGEST_DAYS:
            return DayRange(today - timedelta(days=int(match[1]) - 1), today)
    elif match := _YEAR.fullmatch(text):
        return _months(int(match[1]), 1, 12)
    elif match := _QUARTER.fullmatch(text):
        return _months(int(match[1]), 3 * int(match[2]) - 2, 3)
    elif match := _MONTH.fullmatch(text):
        return _months(int(match[1]), int(match[2]), 1)
    elif match := _RANGE.fullmatch(text):
        days = DayRange(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
        if 0 < days.days <= LONGEST_DAYS:
            return days
    raise ValueError("not a period")


def previous_days(text: str, last: date, today: date) -> DayRange:
    """Return the days that the days of a period until `last` are compared with.

    A calendar period is compared with as many days of the one before it, or the whole one if it is over; other periods
    with as many days directly before.

    Parameters
    ----------
    text
        Name of the period.
    last
        Last day that counts: today, or an earlier one where the data end.
    today
        Last day of `last-90-days`.

    Examples
    --------
    >>> today = date(2026, 11, 28)
    >>> previous_days("2026-Q1", today, today).first.isoformat()
    '2025-10-01'
    >>> previous_days("2026-11", date(2026, 11, 10), today).last.isoformat()
    '2026-10-10'
    >>> before = previous_days("last-90-days", date(2026, 9, 9), today)
    >>> before.first.isoformat(), before.last.isoformat()
    ('2026-08-21', '2026-08-30')
    """
    whole = days_of(text, today)
    days = whole.until(last) if whole.first <= last else whole
    before = days.first - timedelta(days=1)
    if _YEAR.fullmatch(text):
        first = date(days.first.year - 1, 1, 1)
    elif _QUARTER.fullmatch(text):
        first = _months_before(days.first, 3)
    elif _MONTH.fullmatch(text):
        first = _months_before(days.first, 1)
    else:
        return DayRange(days.first - timedelta(days=days.days), before)
    return DayRange(first, before if days == whole else min(before, first + timedelta(days=days.days - 1)))


def year_before(days: DayRange) -> DayRange:
    """Return the same days of the year before; 29 February becomes 28 February.

    Examples
    --------
    >>> year_before(DayRange(date(2024, 2, 29), date(2024, 3, 1))).first.isoformat()
    '2023-02-28'
    """
    return DayRange(_year_before(days.first), _year_before(days.last))


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _months(year: int, month: int, count: int) -> DayRange:
    end = month + count - 1
    return DayRange(date(year, month, 1), date(year, end, monthrange(year, end)[1]))


def _months_before(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
