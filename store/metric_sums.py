"""Sums of imported counts and of search queries, for the filters of the report that they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from store.report_schema import metric_days, query_days, spend_days
from store.report_scope import ReportScope, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

DayCounts = dict[str, dict[str, int]]
"""Day -> name of the count -> sum."""


def daily_counts(
    connection: Connection, scope: ReportScope, names: Collection[str], first: date, last: date
) -> DayCounts:
    """Return imported counts by day; nothing with a filter of countries, which they do not have."""
    if scope.countries:
        return {}
    table = metric_days.c
    query = select(table.day, table.name, func.sum(table.count)).where(
        table.name.in_(sorted(names)), within(table.day, first, last), *scope.conditions(metric_days)
    )
    days: DayCounts = defaultdict(dict)
    for day, name, count in connection.execute(query.group_by(table.day, table.name)):
        days[day][name] = int(count)
    return days


@dataclass(frozen=True)
class QuerySums:
    """Clicks of one search query.

    Attributes
    ----------
    query
        Empty for the total of the days, which is more than the sum of the queries: it is never added to them.
    unconverted
        Rows whose cost has no rate.
    """

    account_id: str
    kind: str
    query: str
    clicks: int
    converted_micros: int
    unconverted: int


def query_sums(connection: Connection, scope: ReportScope, first: date, last: date) -> list[QuerySums]:
    """Return the clicks and costs of search queries; nothing with a filter of channels or campaigns."""
    if scope.channels or scope.campaigns:
        return []
    table = query_days.c
    keys = (table.account_id, table.kind, table.query)
    priced = func.count(table.cost_micros) - func.count(table.converted_micros)
    query = select(*keys, func.sum(table.clicks), func.coalesce(func.sum(table.converted_micros), 0), priced).where(
        within(table.day, first, last), *scope.conditions(query_days)
    )
    return [
        QuerySums(account, kind, text, int(clicks), int(cost), int(missing))
        for account, kind, text, clicks, cost, missing in connection.execute(query.group_by(*keys).order_by(*keys))
    ]


@dataclass(frozen=True)
class SearchedSums:
    """Impressions of search on some days; `is_bound` where a share was a bound such as below 10 %."""

    eligible: float
    is_bound: bool


def searched_sums(connection: Connection, scope: ReportScope, first: date, last: date) -> dict[str, SearchedSums]:
    """Return impressions / impression share by day: what the search campaigns could have been shown."""
    table = spend_days.c
    bound = case((table.eligible_is_bound, 1), else_=0)
    query = select(table.day, func.sum(table.eligible_impressions), func.max(bound)).where(
        table.eligible_impressions.is_not(None), within(table.day, first, last), *scope.conditions(spend_days)
    )
    return {
        day: SearchedSums(float(eligible), bool(has_bound))
        for day, eligible, has_bound in connection.execute(query.group_by(table.day))
    }
