"""Webhooks of CRMs: stored once when they arrive, worked off later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from leadworth.crm_records import RecordEvent
from store.chunks import chunks
from store.insert_ignore import insert_ignore
from store.mirror_schema import crm_events
from store.timestamps import moment, stamp, stamp_or_none

if TYPE_CHECKING:
    from sqlalchemy import Connection

_events = crm_events.c


def add(connection: Connection, crm: str, events: Sequence[RecordEvent], now: datetime) -> int:
    """Store events; repetitions are ignored. Return how many were new."""
    rows = [
        {
            "crm": crm,
            "event_id": event.event_id,
            "object": event.object,
            "record_id": event.record_id,
            "occurred_at": stamp_or_none(event.occurred_at),
            "received_at": stamp(now),
            "worked_at": None,
        }
        for event in events
    ]
    if not rows:
        return 0
    added = insert_ignore(connection, crm_events).returning(_events.event_id)
    return len(connection.execute(added, rows).all())


def waiting(connection: Connection, crm: str, received_before: datetime, limit: int) -> list[RecordEvent]:
    """Return events that nobody worked off, the oldest first."""
    query = (
        select(crm_events)
        .where(_events.crm == crm, _events.worked_at.is_(None), _events.received_at < stamp(received_before))
        .order_by(_events.received_at, _events.event_id)
        .limit(limit)
    )
    return [
        RecordEvent(row.event_id, row.object, row.record_id, moment(row.occurred_at))
        for row in connection.execute(query)
    ]


def mark_worked(connection: Connection, crm: str, event_ids: Sequence[str], now: datetime) -> None:
    """Record that events were worked off."""
    for part in chunks(event_ids):
        done = update(crm_events).where(_events.crm == crm, _events.event_id.in_(part))
        connection.execute(done.values(worked_at=stamp(now)))


def delete_worked(connection: Connection, before: datetime) -> int:
    """Delete events that were worked off before a time; return how many. Repetitions are recognised until then."""
    return int(connection.execute(delete(crm_events).where(_events.worked_at < stamp(before))).rowcount)
