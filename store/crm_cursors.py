"""How far each stream of a CRM was read: the cursor of finished runs, and window and bookmark of the one at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.mirror_schema import crm_cursors
from store.timestamps import moment, stamp, stamp_or_none
from store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class StreamCursor:
    """State of one stream of an object.

    Attributes
    ----------
    stream
        What is read, such as `records` or `removals`.
    at
        Everything before was read and stored; None: nothing yet.
    window_start, window_end
        Frozen window of the run at work; `window_end` is None between runs, `window_start` is None while all records
        are read.
    bookmark
        Where the run at work goes on; empty: at the beginning of the window. Of `removals` also between runs: the token
        with which the CRM says what was removed since.
    """

    object: str
    stream: str
    at: datetime | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    bookmark: str = ""


def read(connection: Connection, crm: str) -> dict[tuple[str, str], StreamCursor]:
    """Return object and stream -> state, for the streams that were ever begun."""
    query = select(crm_cursors).where(crm_cursors.c.crm == crm).order_by(crm_cursors.c.object, crm_cursors.c.stream)
    return {
        (row.object, row.stream): StreamCursor(
            row.object, row.stream, moment(row.at), moment(row.window_start), moment(row.window_end), row.bookmark
        )
        for row in connection.execute(query)
    }


def save(connection: Connection, crm: str, cursor: StreamCursor, now: datetime) -> None:
    """Save the state of a stream."""
    row = {
        "crm": crm,
        "object": cursor.object,
        "stream": cursor.stream,
        "at": stamp_or_none(cursor.at),
        "window_start": stamp_or_none(cursor.window_start),
        "window_end": stamp_or_none(cursor.window_end),
        "bookmark": cursor.bookmark,
        "updated_at": stamp(now),
    }
    connection.execute(upsert(connection, crm_cursors), row)
