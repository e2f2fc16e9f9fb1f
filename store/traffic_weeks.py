"""Traffic by week, channel, campaign and country, from the days that were imported."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from store.insert_selected import insert_selected
from store.report_schema import data_imports, traffic_days, traffic_weeks
from store.zone_days import monday_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_KEYS = ("channel", "campaign_key", "country")
_SUMS = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")


def rewrite_weeks(connection: Connection, days: Collection[str]) -> int:
    """Write the rows of the weeks of some days again; return how many rows."""
    written = 0
    for first in sorted({monday(day) for day in days}):
        sunday = first + timedelta(days=6)
        connection.execute(delete(traffic_weeks).where(traffic_weeks.c.week == str(first)))
        week = monday_of(connection, traffic_days.c.day)
        keys = [traffic_days.c[name] for name in _KEYS]
        sums = [func.coalesce(func.sum(traffic_days.c[name]), 0) for name in _SUMS]
        inside = traffic_days.c.day.between(str(first), str(sunday))
        rows = select(week, *keys, *sums).where(inside).group_by(week, *keys)
        written += insert_selected(connection, traffic_weeks, ["week", *_KEYS, *_SUMS], rows)
    return written


def imported_days(connection: Connection, since: str | None) -> list[str]:
    """Return the days of traffic that imports after a time have written; all days where no time is named."""
    if since is None:
        return list(connection.execute(select(traffic_days.c.day).distinct()).scalars())
    imports = data_imports.c
    query = select(imports.first_day, imports.last_day).where(imports.kind == "traffic", imports.imported_at >= since)
    days: set[str] = set()
    for first, last in connection.execute(query):
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        days |= {str(begin + timedelta(days=number)) for number in range((end - begin).days + 1)}
    return sorted(days)


def monday(day: str) -> date:
    """Return the Monday of the week of a day.

    Examples
    --------
    >>> str(monday("2026-11-29"))
    '2026-11-23'
    """
    at = date.fromisoformat(day)
    return at - timedelta(days=at.weekday())
