"""What webhooks of CRMs ask for: stored once when they arrive, worked off later.

An event is worked off in the transaction that stores its effect. A record that changed leaves a request to score each
of its leads, which is a row of the same table and worked off with the scores.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from leadworth.crm_records import RecordEvent
from store.any_of import any_of
from store.insert_ignore import insert_new
from store.mirror_schema import crm_events
from store.row_ids import new_row_id
from store.timestamps import moment, stamp, stamp_or_none

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

_events = crm_events.c


class EventTask(StrEnum):
    """What an event asks for."""

    READ = "read"
    """Read the record again."""
    ERASE = "erase"
    """Erase the person of the record, whom the CRM erased for privacy."""
    SCORE = "score"
    """Score the lead again, because its record or another one of it changed."""


def add(connection: Connection, crm: str, events: Sequence[RecordEvent], now: datetime) -> int:
    """Store events; repetitions are ignored. Return how many were new."""
    rows = [
        {
            "crm": crm,
            "event_id": event.event_id,
            "task": EventTask.ERASE if event.erase else EventTask.READ,
            "object": event.object,
            "record_id": event.record_id,
            "occurred_at": stamp_or_none(event.occurred_at),
            "received_at": stamp(now),
            "worked_at": None,
        }
        for event in events
    ]
    return insert_new(connection, crm_events, rows)


def request_scores(connection: Connection, crm: str, object_name: str, leads: Collection[str], now: datetime) -> None:
    """Store a request to score each of some leads again."""
    rows = [
        {
            "crm": crm,
            "event_id": f"{EventTask.SCORE}:{new_row_id()}",
            "task": EventTask.SCORE,
            "object": object_name,
            "record_id": lead,
            "occurred_at": None,
            "received_at": stamp(now),
            "worked_at": None,
        }
        for lead in sorted(leads)
    ]
    if rows:
        connection.execute(insert(crm_events), rows)


def objects_waiting(connection: Connection, crm: str, task: EventTask, received_before: datetime) -> list[str]:
    """Return the objects with events that wait, sorted."""
    query = select(_events.object).distinct().order_by(_events.object)
    return list(connection.execute(query.where(*_waiting(crm, task, received_before))).scalars())


def waiting(
    connection: Connection, crm: str, task: EventTask, object_name: str, received_before: datetime, limit: int
) -> list[RecordEvent]:
    """Return events of an object that nobody worked off, the oldest first."""
    query = (
        select(crm_events)
        .where(*_waiting(crm, task, received_before), _events.object == object_name)
        .order_by(_events.received_at, _events.event_id)
        .limit(limit)
    )
    return [
        RecordEvent(row.event_id, row.object, row.record_id, moment(row.occurred_at), row.task == EventTask.ERASE)
        for row in connection.execute(query)
    ]


def count_waiting(connection: Connection, crm: str) -> dict[EventTask, int]:
    """Return the number of events that wait, by task."""
    query = select(_events.task, func.count()).where(_events.crm == crm, _events.worked_at.is_(None))
    return {EventTask(task): number for task, number in connection.execute(query.group_by(_events.task))}


def mark_worked(connection: Connection, crm: str, event_ids: Sequence[str], now: datetime) -> None:
    """Record that events were worked off."""
    done = update(crm_events).where(_events.crm == crm, any_of(_events.event_id, event_ids))
    connection.execute(done.values(worked_at=stamp(now)))


def mark_scored(connection: Connection, crm: str, received_before: datetime, now: datetime) -> int:
    """Record that all leads were scored, as earlier requests ask for; return how many requests there were."""
    done = update(crm_events).where(*_waiting(crm, EventTask.SCORE, received_before))
    return int(connection.execute(done.values(worked_at=stamp(now))).rowcount)


def delete_worked(connection: Connection, before: datetime) -> int:
    """Delete events that were worked off before a time; return how many. Repetitions are recognised until then."""
    return int(connection.execute(delete(crm_events).where(_events.worked_at < stamp(before))).rowcount)


def _waiting(crm: str, task: EventTask, received_before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        _events.crm == crm,
        _events.task == task,
        _events.worked_at.is_(None),
        _events.received_at < stamp(received_before),
    )
