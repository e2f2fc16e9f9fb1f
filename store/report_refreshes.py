"""Refreshes of the facts of the report: when each began and ended, and what it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.report_schema import report_refreshes
from store.row_ids import new_row_id
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_table = report_refreshes.c


@dataclass(frozen=True)
class ReportRefresh:
    """A refresh that ended.

    Attributes
    ----------
    first_day
        First day that was written again.
    facts, rows_written
        Facts, and rows of rollups, that were written.
    """

    first_day: str
    started_at: datetime
    ended_at: datetime
    facts: int
    rows_written: int


def add(connection: Connection, refresh: ReportRefresh) -> None:
    """Record a refresh."""
    row = {
        "refresh_id": new_row_id(),
        "first_day": refresh.first_day,
        "started_at": stamp(refresh.started_at),
        "ended_at": stamp(refresh.ended_at),
        "facts": refresh.facts,
        "rows_written": refresh.rows_written,
    }
    connection.execute(report_refreshes.insert(), row)


def newest(connection: Connection) -> ReportRefresh | None:
    """Return the refresh that began last; None before the first one."""
    query = select(_table.first_day, _table.started_at, _table.ended_at, _table.facts, _table.rows_written)
    row = connection.execute(query.order_by(_table.started_at.desc(), _table.refresh_id.desc()).limit(1)).first()
    if row is None:
        return None
    first_day, started_at, ended_at, facts, rows_written = row
    times = (datetime.fromisoformat(started_at), datetime.fromisoformat(ended_at))
    return ReportRefresh(first_day, *times, facts, rows_written)
