"""Sums of leads, outcomes, spend and traffic over the rollups, for any filter of the report.

All sums are integers, so the sums of the parts are the sum of the whole exactly. Queries without a country read the
rollups of all countries, which have few rows; the others read the tables that have countries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, cast, func, literal, select, union_all

from store.funnel_rollups import spend_expressions
from store.funnel_sums import WEIGHING, funnel_months, funnel_sums, is_covered, years_of_revenue
from store.grouped_sums import Grouped, Sums, read_added, read_grouped, rows_of_days, rows_of_periods
from store.report_schema import (
    SPEND_SUMS,
    campaign_months,
    lead_days,
    lead_months,
    outcome_days,
    spend_days,
    traffic_days,
    traffic_weeks,
)
from store.report_scope import ReportScope, split_months, split_weeks, within

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = ["Grouped", "Sums"]

KEYS = ("channel", "campaign_key", "country")
LEAD_SUMS = tuple(column.name for column in lead_days.columns if column.name not in ("day", *KEYS))
OUTCOME_SUMS = tuple(column.name for column in outcome_days.columns if column.name not in ("day", *KEYS))
TRAFFIC_SUMS = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")
_PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "leads": (LEAD_SUMS, LEAD_SUMS),
    "spend": (tuple(f"spend_{name}" for name in SPEND_SUMS), SPEND_SUMS),
    "events": (tuple(f"event_{name}" for name in OUTCOME_SUMS), OUTCOME_SUMS),
    "traffic": (TRAFFIC_SUMS, TRAFFIC_SUMS),
}
"""Part of the rollups of all countries -> names of its columns there, and of its sums."""


def all_sums(
    connection: Connection, scope: ReportScope, first: date, last: date, by: tuple[str, ...] = ()
) -> tuple[Grouped, Grouped, Grouped, Grouped]:
    """Return the sums of leads, of spend, of outcomes and of sessions of a range of days."""
    if not is_covered(scope, by):
        arguments = (connection, scope, first, last, by)
        return lead_sums(*arguments), spend_sums(*arguments), outcome_sums(*arguments), traffic_sums(*arguments)
    rows = funnel_sums(connection, scope, first, last, by)
    return _part(rows, "leads"), _part(rows, "spend"), _part(rows, "events"), _part(rows, "traffic")


def campaign_weights(
    connection: Connection, scope: ReportScope, first: date, last: date
) -> tuple[Grouped, Grouped, Grouped]:
    """Return leads, spend and outcomes by channel and campaign; without a country only what weighs a campaign."""
    by = ("channel", "campaign_key")
    if not is_covered(scope, by):
        arguments = (connection, scope, first, last, by)
        return lead_sums(*arguments), spend_sums(*arguments), outcome_sums(*arguments)
    rows = funnel_sums(connection, scope, first, last, by, WEIGHING)
    return _weighing(rows, "leads"), _weighing(rows, "spend"), _weighing(rows, "events")


def _weighing(rows: Grouped, name: str) -> Grouped:
    """Return the sums of a part, of which those that do not weigh a campaign are 0."""
    known = [(column, of_part) for column, of_part in zip(*_PARTS[name], strict=True) if column in WEIGHING]
    zeros = dict.fromkeys(_PARTS[name][1], 0)
    return {
        key: {**zeros, **{of_part: row[column] for column, of_part in known}}
        for key, row in rows.items()
        if any(row[column] for column, _ in known)
    }


def _part(rows: Grouped, name: str) -> Grouped:
    """Return the sums of a part; groups without it are left out, except the whole."""
    columns, names = _PARTS[name]
    amounts = {key: tuple(map(row.__getitem__, columns)) for key, row in rows.items()}
    return {key: dict(zip(names, row, strict=True)) for key, row in amounts.items() if not key or any(row)}


def _of_rollups(
    connection: Connection, scope: ReportScope, first: date, last: date, by: tuple[str, ...], name: str
) -> Grouped:
    columns = _PARTS[name][0]
    return _part(funnel_sums(connection, scope, first, last, by, columns), name)


def lead_sums(connection: Connection, scope: ReportScope, first: date, last: date, by: tuple[str, ...] = ()) -> Grouped:
    """Return the sums of the leads that were submitted in a range of days.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters.
    first, last
        Days of the zone of the report, both included.
    by
        Columns of the groups: some of `channel`, `campaign_key`, `country`, or `day`.
    """
    if is_covered(scope, by):
        return _of_rollups(connection, scope, first, last, by, "leads")
    if "day" in by:
        return _by_day(connection, lead_days, scope, first, last, LEAD_SUMS, by)
    ranges, months = split_months(first, last)
    parts = [rows_of_days(lead_days, scope, *days, LEAD_SUMS, by) for days in ranges]
    if months is not None:
        parts.append(rows_of_periods(lead_months, scope, "month", months, LEAD_SUMS, by))
    return read_added(connection, parts, by, LEAD_SUMS)


def month_sums(connection: Connection, scope: ReportScope, first: date, last: date) -> Grouped:
    """Return the sums of the leads of each month (YYYY-MM) and channel, from the month of a day to that of another."""
    keys, months = ("month", "channel"), (first.isoformat()[:7], last.isoformat()[:7])
    if is_covered(scope, ()):
        rows = funnel_months(connection, scope, months, keys, LEAD_SUMS)
        return {key: sums for key, sums in rows.items() if sums["leads"]}
    return read_added(
        connection, [rows_of_periods(lead_months, scope, "month", months, LEAD_SUMS, keys)], keys, LEAD_SUMS
    )


def yearly_revenue(connection: Connection, scope: ReportScope, first_year: int) -> dict[int, int]:
    """Return the revenue won in each year from one on, in millionths."""
    if is_covered(scope, ()):
        return years_of_revenue(connection, scope, first_year)
    year = func.substr(outcome_days.c.day, 1, 4)
    query = select(year, func.sum(outcome_days.c.revenue_micros)).where(
        outcome_days.c.day >= f"{first_year}-01-01", *scope.conditions(outcome_days)
    )
    return {int(name): int(total) for name, total in connection.execute(query.group_by(year))}


def outcome_sums(
    connection: Connection, scope: ReportScope, first: date, last: date, by: tuple[str, ...] = ()
) -> Grouped:
    """Return the sums of what happened to leads in a range of days, whenever they were submitted."""
    if is_covered(scope, by):
        return _of_rollups(connection, scope, first, last, by, "events")
    return _by_day(connection, outcome_days, scope, first, last, OUTCOME_SUMS, by)


def spend_sums(
    connection: Connection, scope: ReportScope, first: date, last: date, by: tuple[str, ...] = ()
) -> Grouped:
    """Return the sums of the spend of a range of days, in the currency of the settings."""
    if is_covered(scope, by):
        return _of_rollups(connection, scope, first, last, by, "spend")
    table = spend_days.c
    columns = [table[name] for name in by]
    query = select(*columns, *(cast(amount, BigInteger) for amount in spend_expressions().values()))
    query = query.where(within(table.day, first, last), *scope.conditions(spend_days))
    return read_grouped(connection, query.group_by(*columns), by, SPEND_SUMS)


def eligible_impressions(connection: Connection, scope: ReportScope, first: date, last: date) -> float:
    """Return impressions / impression share, added up: what the search campaigns could have been shown."""
    table = spend_days.c
    query = select(func.coalesce(func.sum(table.eligible_impressions), 0.0))
    return float(
        connection.execute(query.where(within(table.day, first, last), *scope.conditions(spend_days))).scalar_one()
    )


def spend_without_country(connection: Connection, scope: ReportScope, first: date, last: date) -> int:
    """Return the number of rows of spend that do not say their country, for the scope in all countries."""
    table = spend_days.c
    query = select(func.count()).where(
        within(table.day, first, last), table.country == "", *scope.without_countries().conditions(spend_days)
    )
    return int(connection.execute(query).scalar_one())


def traffic_sums(
    connection: Connection, scope: ReportScope, first: date, last: date, by: tuple[str, ...] = ()
) -> Grouped:
    """Return the sums of the sessions of a range of days."""
    if is_covered(scope, by):
        return _of_rollups(connection, scope, first, last, by, "traffic")
    if "day" in by:
        return _by_day(connection, traffic_days, scope, first, last, TRAFFIC_SUMS, by)
    ranges, weeks = split_weeks(first, last)
    parts = [rows_of_days(traffic_days, scope, *days, TRAFFIC_SUMS, by) for days in ranges]
    if weeks is not None:
        parts.append(rows_of_periods(traffic_weeks, scope, "week", weeks, TRAFFIC_SUMS, by))
    return read_added(connection, parts, by, TRAFFIC_SUMS)


def daily_counts(connection: Connection, scope: ReportScope, first: date, last: date) -> dict[str, Sums]:
    """Return sessions, leads and MQLs of each day that has rows; what has none on a day may be left out."""
    by, of_leads, of_traffic = ("day",), ("leads", "mql"), ("sessions",)
    if is_covered(scope, by):
        days = funnel_sums(connection, scope, first, last, by, (*of_leads, *of_traffic))
    else:
        days = _by_day(connection, traffic_days, scope, first, last, of_traffic, by)
        for key, sums in _by_day(connection, lead_days, scope, first, last, of_leads, by).items():
            days[key] = days.get(key, {}) | sums
    return {key[0]: sums for key, sums in days.items()}


def _by_day(
    connection: Connection,
    table: Table,
    scope: ReportScope,
    first: date,
    last: date,
    names: tuple[str, ...],
    by: tuple[str, ...],
) -> Grouped:
    return read_added(connection, [rows_of_days(table, scope, first, last, names, by)], by, names)


def campaign_names(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the newest name of campaigns that have spend; an index finds the last day of each."""
    table = spend_days.c
    queries = []
    for key in keys:
        newest = select(func.max(table.day)).where(table.campaign_key == key).scalar_subquery()
        name = select(func.max(table.campaign_name)).where(table.campaign_key == key, table.day == newest)
        queries.append(select(literal(key), name.scalar_subquery()))
    if not queries:
        return {}
    return {key: name for key, name in connection.execute(union_all(*queries)) if name}


def unknown_campaigns(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Return the campaign keys that neither spend, sessions nor leads have."""
    column = campaign_months.c.campaign_key
    found = set(connection.execute(select(column).where(column.in_(keys)).distinct()).scalars())
    return [key for key in keys if key not in found]
