"""Refreshes of the facts of the report: when each began and ended, and what it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from store.report_schema import report_refreshes
from store.row_ids import new_row_id
from store.timestamps import moment, stamp, stamp_or_none

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
    currency
        Of the money of all facts and rollups since; empty: that of the settings.
    files_at
        When the oldest of the files of leads and outcomes was written; None without files.
    """

    first_day: str
    started_at: datetime
    ended_at: datetime
    facts: int
    rows_written: int
    currency: str = ""
    files_at: datetime | None = None


def add(connection: Connection, refresh: ReportRefresh) -> None:
    """Record a refresh."""
    row = {
        "refresh_id": new_row_id(),
        "first_day": refresh.first_day,
        "started_at": stamp(refresh.started_at),
        "ended_at": stamp(refresh.ended_at),
        "facts": refresh.facts,
        "rows_written": refresh.rows_written,
        "currency": refresh.currency,
        "files_at": stamp_or_none(refresh.files_at),
    }
    connection.execute(report_refreshes.insert(), row)


def newest(connection: Connection) -> ReportRefresh | None:
    """Return the refresh that began last; None before the first one."""
    columns = [_table[name] for name in ReportRefresh.__dataclass_fields__]
    newest_first = _table.started_at.desc(), _table.refresh_id.desc()
    row = connection.execute(select(*columns).order_by(*newest_first).limit(1)).first()
    if row is None:
        return None
    times = {name: moment(row._mapping[name]) for name in ("started_at", "ended_at", "files_at")}
    return ReportRefresh(**{**row._mapping, **times})


def change_currency(connection: Connection, former: str, currency: str) -> bool:
    """Record another currency; return False where another process has just done so.

    It is to be the first write of the transaction that converts the money, so that no other one converts it again.
    """
    statement = update(report_refreshes).where(_table.currency == former).values(currency=currency)
    return bool(connection.execute(statement).rowcount)
