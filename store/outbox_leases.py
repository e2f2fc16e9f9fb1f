"""Lease due outbox events to workers, and record the result.

At most one event of a transaction is with a platform at a time: no event is leased while another of its transaction is
leased (`leased_by`) or still in doubt (`in_doubt_until`). What may have arrived is settled before a newer version is
sent, because how a version is sent depends on whether the platform knows the transaction.
Leasing is one statement. The events of a worker that died are released when the lease ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, and_, bindparam, case, exists, func, or_, select, update

from store.event_state import EventState
from store.outbox import Row
from store.schema import export_events, is_waiting
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

UPDATED = (
    "state",
    "code",
    "attempts",
    "not_before",
    "in_doubt_until",
    "sent_value",
    "receipt",
    "consent",
    "repairs",
)
"""Columns that `settle` writes."""
LEASED = (
    "event_id",
    "transaction_id",
    "stage",
    "version",
    "kind",
    "lead_id",
    "channel",
    "model_version",
    "expected",
    "value",
    "currency",
    "happened_at",
    "not_before",
    "attempts",
    "first_sent_at",
    "in_doubt_until",
    "payload",
    "consent",
    "repairs",
    "created_at",
)
"""Columns of leased events."""
_events = export_events.c


def lease(
    connection: Connection, destination: str, worker: str, now: datetime, duration: timedelta, limit: int
) -> list[Row]:
    """Lease due events of a platform, oldest first; they have the columns `LEASED`.

    Parameters
    ----------
    connection
        In a transaction of its own.
    destination
        Name of the platform.
    worker
        Id of the worker.
    now
        Timezone-aware current time.
    duration
        Time until the lease ends.
    limit
        Most events to lease.
    """
    at = stamp(now)
    due = (
        select(_events.event_id)
        .where(
            *_is_free(destination),
            _events.not_before <= at,
            _events.expires_at >= at,
            ~_transaction_is_busy(at),
        )
        .order_by(_events.not_before)
        .limit(limit)
    )
    if connection.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    statement = (
        update(export_events)
        .where(_events.event_id.in_(due.scalar_subquery()))
        .values(
            leased_by=worker,
            lease_until=stamp(now + duration),
            updated_at=at,
            first_sent_at=func.coalesce(_events.first_sent_at, at),
        )
        .returning(*(_events[name] for name in LEASED))
    )
    rows = [dict(zip(LEASED, row, strict=True)) for row in connection.execute(statement).all()]
    return sorted(rows, key=lambda row: (row["not_before"], row["event_id"]))


def _transaction_is_busy(at: str) -> ColumnElement[bool]:
    other = export_events.alias("other")
    return exists().where(
        other.c.destination == _events.destination,
        other.c.transaction_id == _events.transaction_id,
        other.c.event_id != _events.event_id,
        or_(
            other.c.leased_by.is_not(None),
            other.c.in_doubt_until > at,
            and_(
                other.c.version < _events.version,
                other.c.state == EventState.RETRY.value,
                other.c.in_doubt_until.is_not(None),
            ),
        ),
    )


def release_expired(connection: Connection, destination: str, now: datetime, *, deduplicates: bool) -> int:
    """Release the events of workers that died or hang; return how many.

    They may have been sent: a platform that deduplicates gets them again, at any other they are uncertain.
    """
    at = stamp(now)
    state = EventState.RETRY if deduplicates else EventState.UNCERTAIN
    statement = (
        update(export_events)
        .where(
            _events.destination == destination, is_waiting(), _events.leased_by.is_not(None), _events.lease_until < at
        )
        .values(
            state=state.value,
            code="lease-ended",
            leased_by=None,
            lease_until=None,
            not_before=at,
            in_doubt_until=at,
            updated_at=at,
        )
    )
    return int(connection.execute(statement).rowcount)


def settle(connection: Connection, destination: str, worker: str, rows: Iterable[Row], now: datetime) -> int:
    """Write the results of leased events; return how many were still leased to this worker.

    Parameters
    ----------
    connection
        In a transaction.
    destination
        Name of the platform.
    worker
        Id of the worker; events leased to another stay as they are.
    rows
        `event_id`, the columns `UPDATED`, and `keep_payload`: whether it may be sent again.
    now
        Timezone-aware current time.
    """
    at = stamp(now)
    results = [
        {**{f"new_{name}": row[name] for name in UPDATED}, "id": row["event_id"], "keep": row["keep_payload"]}
        for row in rows
    ]
    if not results:
        return 0
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in UPDATED}
    statement = (
        update(export_events)
        .where(_events.event_id == bindparam("id"), _events.leased_by == worker)
        .values(
            **values,
            payload=case((bindparam("keep", type_=Boolean), _events.payload), else_=None),
            leased_by=None,
            lease_until=None,
            updated_at=at,
        )
    )
    count = connection.execute(statement, results).rowcount
    if any(row["new_state"] == EventState.RETRY for row in results):
        _supersede_retries(connection, destination, at)
    return int(count)


def _supersede_retries(connection: Connection, destination: str, at: str) -> None:
    """Supersede events that wait for a retry and are not in doubt, if a newer version was added meanwhile."""
    newer = export_events.alias("newer")
    connection.execute(
        update(export_events)
        .where(
            _events.destination == destination,
            _events.state == EventState.RETRY.value,
            _events.in_doubt_until.is_(None),
            _events.leased_by.is_(None),
            exists().where(
                newer.c.destination == _events.destination,
                newer.c.transaction_id == _events.transaction_id,
                newer.c.version > _events.version,
            ),
        )
        .values(state=EventState.SUPERSEDED.value, payload=None, updated_at=at)
    )


def expire(connection: Connection, destination: str, now: datetime) -> int:
    """Mark waiting events as expired whose window at the platform is closed; return how many."""
    at = stamp(now)
    statement = (
        update(export_events)
        .where(*_is_free(destination), _events.expires_at < at)
        .values(state=EventState.EXPIRED.value, code="window-closed", payload=None, updated_at=at)
    )
    return int(connection.execute(statement).rowcount)


def next_due(connection: Connection, destination: str) -> str | None:
    """Return when the next waiting event is due, or None if none waits."""
    query = select(func.min(_events.not_before)).where(*_is_free(destination))
    return connection.execute(query).scalar()


def _is_free(destination: str) -> tuple[ColumnElement[bool], ...]:
    return _events.destination == destination, is_waiting(), _events.leased_by.is_(None)
