"""Sums of leads, outcomes, spend and traffic over the rollups, for any filter of the report.

All sums are integers, so the sums of the parts are the sum of the whole exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import FromClause, Select, case, func, select, union_all

from store.report_schema import lead_days, lead_months, outcome_days, spend_days, traffic_days, traffic_weeks
from store.report_scope import ReportScope, counted, split_months, split_weeks, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

Sums: TypeAlias = dict[str, int]
Grouped: TypeAlias = dict[tuple[str, ...], Sums]
"""Values of the columns of the groups -> name of the sum -> sum."""

KEYS = ("channel", "campaign_key", "country")
LEAD_SUMS = tuple(column.name for column in lead_days.columns if column.name not in ("day", *KEYS))
OUTCOME_SUMS = tuple(column.name for column in outcome_days.columns if column.name not in ("day", *KEYS))
TRAFFIC_SUMS = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")
SPEND_SUMS = (
    "converted_micros",
    "unconverted",  # rows without a rate
    "rows",
    "impressions",
    "clicks",
    "invalid_clicks",
    "searched_impressions",  # of rows with an impression share
    "bounds",  # rows whose impression share is a bound
)


def lead_sums(connection: Connection, scope: ReportScope, first: date, last: date, by: Sequence[str] = ()) -> Grouped:
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
    if "day" in by:
        return _grouped(connection, _plain(lead_days, scope, first, last, LEAD_SUMS, by), by, LEAD_SUMS)
    ranges, months = split_months(first, last)
    parts = [_plain(lead_days, scope, *days, LEAD_SUMS, by) for days in ranges]
    if months is not None:
        columns = [lead_months.c[name] for name in by]
        sums = [func.sum(lead_months.c[name]).label(name) for name in LEAD_SUMS]
        chosen = lead_months.c.month.between(*months)
        parts.append(select(*columns, *sums).where(chosen, *scope.conditions(lead_months)).group_by(*columns))
    return _added(connection, parts, by, LEAD_SUMS)


def month_sums(connection: Connection, scope: ReportScope, first: date, last: date) -> Grouped:
    """Return the sums of the leads of each month (YYYY-MM) and channel, from the month of a day to that of another."""
    table = lead_months.c
    keys = ("month", "channel")
    sums = [func.sum(table[name]).label(name) for name in LEAD_SUMS]
    months = table.month.between(first.isoformat()[:7], last.isoformat()[:7])
    query = select(*(table[name] for name in keys), *sums).where(months, *scope.conditions(lead_months))
    return _grouped(connection, query.group_by(*(table[name] for name in keys)), keys, LEAD_SUMS)


def yearly_revenue(connection: Connection, scope: ReportScope, first_year: int) -> dict[int, int]:
    """Return the revenue won in each year from one on, in millionths."""
    year = func.substr(outcome_days.c.day, 1, 4)
    query = select(year, func.sum(outcome_days.c.revenue_micros)).where(
        outcome_days.c.day >= f"{first_year}-01-01", *scope.conditions(outcome_days)
    )
    return {int(name): int(total) for name, total in connection.execute(query.group_by(year))}


def outcome_sums(
    connection: Connection, scope: ReportScope, first: date, last: date, by: Sequence[str] = ()
) -> Grouped:
    """Return the sums of what happened to leads in a range of days, whenever they were submitted."""
    return _grouped(connection, _plain(outcome_days, scope, first, last, OUTCOME_SUMS, by), by, OUTCOME_SUMS)


def spend_sums(connection: Connection, scope: ReportScope, first: date, last: date, by: Sequence[str] = ()) -> Grouped:
    """Return the sums of the spend of a range of days, in the currency of the settings."""
    table = spend_days.c
    has_share = table.eligible_impressions.is_not(None)
    sums = {
        "converted_micros": func.coalesce(func.sum(table.converted_micros), 0),
        "unconverted": func.sum(case((table.converted_micros.is_(None), 1), else_=0)),
        "rows": func.count(),
        "impressions": func.coalesce(func.sum(table.impressions), 0),
        "clicks": func.coalesce(func.sum(table.clicks), 0),
        "invalid_clicks": func.coalesce(func.sum(table.invalid_clicks), 0),
        "searched_impressions": func.coalesce(func.sum(case((has_share, table.impressions), else_=0)), 0),
        "bounds": func.sum(case((table.eligible_is_bound, 1), else_=0)),
    }
    columns = [table[name] for name in by]
    query = select(*columns, *(sums[name].label(name) for name in SPEND_SUMS))
    query = query.where(within(table.day, first, last), *scope.conditions(spend_days))
    return _grouped(connection, query.group_by(*columns), by, SPEND_SUMS)


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
    connection: Connection, scope: ReportScope, first: date, last: date, by: Sequence[str] = ()
) -> Grouped:
    """Return the sums of the sessions of a range of days."""
    ranges, weeks = split_weeks(first, last)
    parts = [_plain(traffic_days, scope, *days, TRAFFIC_SUMS, by) for days in ranges]
    if weeks is not None:
        parts.append(_weekly(scope, weeks, by))
    return _added(connection, parts, by, TRAFFIC_SUMS)


def weekly_traffic(connection: Connection, scope: ReportScope, first: str, last: str) -> Grouped:
    """Return the sums of the sessions of whole weeks, by their Mondays."""
    return _grouped(connection, _weekly(scope, (first, last), ("week",)), ("week",), TRAFFIC_SUMS)


def daily_sessions(connection: Connection, scope: ReportScope, first: date, last: date) -> dict[str, int]:
    """Return the sessions of each day that has any."""
    days = _grouped(
        connection, _plain(traffic_days, scope, first, last, ("sessions",), ("day",)), ("day",), ("sessions",)
    )
    return {key[0]: sums["sessions"] for key, sums in days.items()}


def _weekly(scope: ReportScope, weeks: tuple[str, str], by: Sequence[str]) -> Select[tuple[object, ...]]:
    columns = [traffic_weeks.c[name] for name in by]
    sums = [func.coalesce(func.sum(traffic_weeks.c[name]), 0).label(name) for name in TRAFFIC_SUMS]
    chosen = traffic_weeks.c.week.between(*weeks)
    return select(*columns, *sums).where(chosen, *scope.conditions(traffic_weeks)).group_by(*columns)


def _plain(
    table: FromClause, scope: ReportScope, first: date, last: date, names: Sequence[str], by: Sequence[str]
) -> Select[tuple[object, ...]]:
    """Return the query of the sums of a table with a row a day."""
    columns = [table.c[name] for name in by]
    sums = [func.coalesce(func.sum(table.c[name]), 0).label(name) for name in names]
    query = select(*columns, *sums).where(within(table.c.day, first, last), *scope.conditions(table))
    return query.group_by(*columns)


def _added(
    connection: Connection, parts: Sequence[Select[tuple[object, ...]]], by: Sequence[str], names: Sequence[str]
) -> Grouped:
    """Return the sums of several queries, added up in one statement."""
    if not parts:
        return {}
    if len(parts) == 1:
        return _grouped(connection, parts[0], by, names)
    rows = union_all(*parts).subquery()
    columns = [rows.c[name] for name in by]
    query = select(*columns, *(func.sum(rows.c[name]).label(name) for name in names)).group_by(*columns)
    return _grouped(connection, query, by, names)


def _grouped(
    connection: Connection, query: Select[tuple[object, ...]], by: Sequence[str], names: Sequence[str]
) -> Grouped:
    width = len(by)
    return {
        tuple(str(value) for value in row[:width]): dict(zip(names, counted(row[width:]), strict=True))
        for row in connection.execute(query)
    }


def campaign_names(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the newest name of campaigns that have spend."""
    table = spend_days.c
    newest = select(table.campaign_key, func.max(table.day).label("day")).where(table.campaign_key.in_(keys))
    last = newest.group_by(table.campaign_key).subquery()
    query = select(table.campaign_key, func.max(table.campaign_name)).join(
        last, (last.c.campaign_key == table.campaign_key) & (last.c.day == table.day)
    )
    return {key: name for key, name in connection.execute(query.group_by(table.campaign_key)) if name}


def unknown_campaigns(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Return the campaign keys that neither spend, sessions nor leads have."""
    found: set[str] = set()
    for table in (spend_days, lead_months, traffic_weeks):
        if missing := [key for key in keys if key not in found]:
            column = table.c.campaign_key
            found |= set(connection.execute(select(column).where(column.in_(missing)).distinct()).scalars())
    return [key for key in keys if key not in found]
