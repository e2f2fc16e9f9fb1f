"""Filters of the report as conditions on its tables, and ranges of days as whole months, weeks and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, FromClause, false

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS = {"channel": "channels", "campaign_key": "campaigns", "country": "countries"}


@dataclass(frozen=True)
class ReportScope:
    """Leads, spend and traffic that a report covers; an empty tuple means all.

    Attributes
    ----------
    channels, campaigns, countries
        Values of `channel`, `campaign_key` and `country`, of which a row has one.
    """

    channels: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    def conditions(self, table: FromClause) -> list[ColumnElement[bool]]:
        """Return the conditions on the columns that a table has."""
        conditions: list[ColumnElement[bool]] = []
        for column, name in _COLUMNS.items():
            values = getattr(self, name)
            if values and column in table.c:
                conditions.append(table.c[column].in_(values))
        return conditions

    def without_countries(self) -> ReportScope:
        """Return the scope for all countries."""
        return ReportScope(self.channels, self.campaigns)


def within(column: ColumnElement[str], first: date, last: date) -> ColumnElement[bool]:
    """Return the condition that a column of days lies between two days, both included."""
    return column.between(first.isoformat(), last.isoformat()) if first <= last else false()


def split_months(first: date, last: date) -> tuple[list[tuple[date, date]], tuple[str, str] | None]:
    """Return a range of days as ranges of days and a range of whole months between them.

    Examples
    --------
    >>> days, months = split_months(date(2026, 1, 30), date(2026, 4, 2))
    >>> [(str(a), str(b)) for a, b in days], months
    ([('2026-01-30', '2026-01-31'), ('2026-04-01', '2026-04-02')], ('2026-02', '2026-03'))
    """
    begin = first if first.day == 1 else _next_month(first)
    end = (last + timedelta(days=1)).replace(day=1)  # first day after the last whole month
    if begin >= end:
        return [(first, last)] if first <= last else [], None
    last_month = end - timedelta(days=1)
    months = (begin.isoformat()[:7], last_month.isoformat()[:7])
    return list(_rest(first, last, begin, last_month)), months


def split_weeks(first: date, last: date) -> tuple[list[tuple[date, date]], tuple[str, str] | None]:
    """Return a range of days as ranges of days and a range of whole weeks, by their Mondays, between them.

    Examples
    --------
    >>> days, weeks = split_weeks(date(2026, 11, 22), date(2026, 11, 30))
    >>> [(str(a), str(b)) for a, b in days], weeks
    ([('2026-11-22', '2026-11-22'), ('2026-11-30', '2026-11-30')], ('2026-11-23', '2026-11-23'))
    """
    begin = first + timedelta(days=-first.weekday() % 7)
    after = last + timedelta(days=1)
    end = after - timedelta(days=after.weekday())
    if begin >= end:
        return [(first, last)] if first <= last else [], None
    weeks = (begin.isoformat(), (end - timedelta(days=7)).isoformat())
    return list(_rest(first, last, begin, end - timedelta(days=1))), weeks


def _rest(first: date, last: date, begin: date, end: date) -> Iterator[tuple[date, date]]:
    """Yield the days of a range before `begin` and after `end`."""
    if first < begin:
        yield first, begin - timedelta(days=1)
    if end < last:
        yield end + timedelta(days=1), last


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def counted(row: Sequence[object]) -> list[int]:
    """Return sums as integers: PostgreSQL adds up integers to decimals, and no row to null."""
    return [int(value) if value is not None else 0 for value in row]  # type: ignore[call-overload]
