"""Rollups of leads, outcomes, spend and sessions together, by channel and by campaign, of all countries.

A day is written again as a whole from the tables that have countries and sources, and its month from its days.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    case,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from store.any_of import any_of
from store.chunks import chunks
from store.insert_selected import insert_selected
from store.report_schema import (
    SPEND_SUMS,
    campaign_days,
    campaign_months,
    channel_days,
    channel_months,
    lead_days,
    outcome_days,
    spend_days,
    traffic_days,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

SUMS = tuple(column.name for column in campaign_days.columns if not column.primary_key)
"""Columns of sums of the four tables."""
LOCK = 7_306_014_231
"""Advisory lock of PostgreSQL, an arbitrary constant: an import and a refresh may write the same day."""
_KEYS = ("channel", "campaign_key")
_OUTCOMES = tuple(name.removeprefix("event_") for name in SUMS if name.startswith("event_"))
_TRAFFIC = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")


def spend_expressions() -> dict[str, ColumnElement[Any]]:
    """Return the sums of spend as expressions over `spend_days`, for any grouping and filter."""
    table = spend_days.c
    has_share = table.eligible_impressions.is_not(None)
    sums: dict[str, ColumnElement[Any]] = {
        "converted_micros": func.sum(table.converted_micros),
        "unconverted": func.sum(case((table.converted_micros.is_(None), 1), else_=0)),
        "rows": func.count(),
        "impressions": func.sum(table.impressions),
        "clicks": func.sum(table.clicks),
        "invalid_clicks": func.sum(table.invalid_clicks),
        "searched_impressions": func.sum(case((has_share, table.impressions), else_=0)),
        "bounds": func.sum(case((table.eligible_is_bound, 1), else_=0)),
    }
    return {name: func.coalesce(sums[name], 0) for name in SPEND_SUMS}


def rewrite_funnel(connection: Connection, days: Collection[str]) -> int:
    """Write the rows of some days and of their months again; return how many rows.

    Parameters
    ----------
    connection
        In a transaction.
    days
        ISO 8601 dates.
    """
    if not days:
        return 0
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    written = 0
    for part in chunks(sorted(set(days))):  # an import can be of ten years, and a statement has five seconds
        written += _write(connection, campaign_days, "day", part, _of_sources(part))
        by_channel = _added(campaign_days, ("day", "channel"), any_of(campaign_days.c.day, part))
        written += _write(connection, channel_days, "day", part, by_channel)
    for month in sorted({day[:7] for day in days}):
        for table, source in ((campaign_months, campaign_days), (channel_months, channel_days)):
            keys = tuple(column.name for column in table.primary_key if column.name != "month")
            inside = source.c.day.between(f"{month}-01", f"{month}-31")
            rows = _added(source, keys, inside, literal(month).label("month"))
            written += _write(connection, table, "month", [month], rows)
    return written


def _write(connection: Connection, table: Table, period: str, values: Sequence[str], rows: Select[Any]) -> int:
    connection.execute(delete(table).where(any_of(table.c[period], values)))
    return insert_selected(connection, table, [column.name for column in rows.selected_columns], rows)


def _added(source: Table, keys: Sequence[str], inside: ColumnElement[bool], *first: ColumnElement[Any]) -> Select[Any]:
    """Return the query of the sums of rows of a rollup by fewer keys."""
    columns = [source.c[name] for name in keys]
    sums = [cast(func.sum(source.c[name]), BigInteger).label(name) for name in SUMS]
    return select(*first, *columns, *sums).where(inside).group_by(*columns)


def _of_sources(days: Sequence[str]) -> Select[Any]:
    """Return the query of the sums of days by channel and campaign, over the tables of all sources."""
    leads = {name: func.sum(lead_days.c[name]) for name in SUMS if name in lead_days.c}
    outcomes = {f"event_{name}": func.sum(outcome_days.c[name]) for name in _OUTCOMES}
    spend = {f"spend_{name}": amount for name, amount in spend_expressions().items()}
    traffic = {name: func.coalesce(func.sum(traffic_days.c[name]), 0) for name in _TRAFFIC}
    parts = [
        _part(table, days, sums)
        for table, sums in ((lead_days, leads), (outcome_days, outcomes), (spend_days, spend), (traffic_days, traffic))
    ]
    rows = union_all(*parts).subquery()
    columns = [rows.c[name] for name in ("day", *_KEYS)]
    sums = [cast(func.sum(rows.c[name]), BigInteger).label(name) for name in SUMS]
    return select(*columns, *sums).group_by(*columns)


def _part(table: Table, days: Sequence[str], sums: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    columns = [table.c[name] for name in ("day", *_KEYS)]
    amounts = [sums.get(name, literal_column("0")).label(name) for name in SUMS]
    return select(*columns, *amounts).where(any_of(table.c.day, days)).group_by(*columns)
