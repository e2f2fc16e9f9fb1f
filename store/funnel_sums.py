"""Sums of leads, outcomes, spend and sessions over the rollups of all countries, for filters without a country."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.funnel_rollups import SUMS
from store.grouped_sums import Grouped, read_added, rows_of_days, rows_of_periods
from store.report_schema import campaign_days, campaign_months, channel_days, channel_months
from store.report_scope import ReportScope, split_months

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


WEIGHING = (
    "leads",
    "revenue_micros",
    "open_value_micros",
    "event_revenue_micros",
    "spend_converted_micros",
    "spend_unconverted",
    "spend_rows",
)
"""Columns by which campaigns are chosen and matched."""


def is_covered(scope: ReportScope, by: tuple[str, ...]) -> bool:
    """Return whether the rollups of all countries answer a query."""
    return not scope.countries and "country" not in by


def funnel_sums(
    connection: Connection,
    scope: ReportScope,
    first: date,
    last: date,
    by: tuple[str, ...] = (),
    names: tuple[str, ...] = SUMS,
) -> Grouped:
    """Return sums of a range of days; a group may have zeros only.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters without a country.
    first, last
        Days, both included.
    by
        Columns of the groups: some of `channel`, `campaign_key`, `day`.
    names
        Columns of sums.
    """
    days, months = _tables(scope, by)
    if "day" in by:
        return read_added(connection, [rows_of_days(days, scope, first, last, names, by)], by, names)
    ranges, whole = split_months(first, last)
    parts = [rows_of_days(days, scope, *part, names, by) for part in ranges]
    if whole is not None:
        parts.append(rows_of_periods(months, scope, "month", whole, names, by))
    return read_added(connection, parts, by, names)


def funnel_months(
    connection: Connection, scope: ReportScope, months: tuple[str, str], by: tuple[str, ...], names: tuple[str, ...]
) -> Grouped:
    """Return sums of whole months, from one (YYYY-MM) to another."""
    table = _tables(scope, by)[1]
    return read_added(connection, [rows_of_periods(table, scope, "month", months, names, by)], by, names)


def years_of_revenue(connection: Connection, scope: ReportScope, first_year: int) -> dict[int, int]:
    """Return the revenue won in each year from one on, in millionths."""
    table = _tables(scope, ())[1]
    year = func.substr(table.c.month, 1, 4)
    query = select(year, func.sum(table.c.event_revenue_micros)).where(
        table.c.month >= f"{first_year}-01", *scope.conditions(table)
    )
    return {int(name): int(total) for name, total in connection.execute(query.group_by(year))}


def _tables(scope: ReportScope, by: tuple[str, ...]) -> tuple[Table, Table]:
    if scope.campaigns or "campaign_key" in by:
        return campaign_days, campaign_months
    return channel_days, channel_months
