"""The ledger: one row for every version of everything that one platform is told of one lead.

A transaction (a lead's stage at a platform) has versions; only the newest is worth sending, and only one
is ever on its way. So a version that is added takes the place of those that wait, and a worker takes none
of a transaction of which another is held, or may still arrive (`quiet_until`). What may have arrived is
settled before anything newer is sent: whether the platform knows a transaction decides how it is told of
the next version. Taking is one statement; what a worker that died held is taken over when its lease ends.

All moments are text in UTC, as in the rest of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from store.decision_log import decision_id
from store.event_state import EventState
from store.idempotency_records import stamp
from store.schema import consents, export_events, export_people, export_receipts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""Table -> rows to add."""

TABLES: dict[str, Table] = {one.name: one for one in (export_people, consents, export_events)}
WAITING = (EventState.PENDING, EventState.RETRY)
TOLD = (EventState.ACCEPTED, EventState.DUPLICATE)
_events = export_events.c


def event_row(now: datetime, **given: Any) -> Row:
    """Return a row of the ledger with everything that a new one has."""
    at = stamp(now)
    return {
        "event_id": decision_id(), "told": None, "state": EventState.PENDING.value, "code": "", "attempts": 0,
        "first_sent_at": None, "leased_by": None, "lease_until": None, "quiet_until": None, "payload": None,
        "digest": None, "receipt": None, "created_at": at, "updated_at": at, "channel": None, "campaign": None,
        "model_version": None, **given,
    }  # fmt: skip


def add(connection: Connection, rows: Rows) -> int:
    """Add rows; those that are there already stay as they are. Return how many events were new.

    A new version of a transaction takes the place of those that still wait.
    """
    added = 0
    for name, listed in rows.items():
        if not listed:
            continue
        table = TABLES[name]
        maker = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = maker.insert(table).on_conflict_do_nothing()
        if name != "export_events":
            connection.execute(statement, list(listed))
            continue
        added = len(connection.execute(statement.returning(_events.event_id), list(listed)).all())
        _supersede(connection, [row for row in listed if row["version"] > 1])
    return added


def _supersede(connection: Connection, rows: Sequence[Row]) -> None:
    """Let new versions take the place of older ones that wait; their payload goes."""
    if not rows:
        return
    older = text(
        "UPDATE export_events SET state = 'superseded', payload = NULL, updated_at = :created_at "
        "WHERE destination = :destination AND transaction_id = :transaction_id AND version < :version "
        "AND state IN ('pending', 'retry') AND quiet_until IS NULL"
    )
    names = ("destination", "transaction_id", "version", "created_at")
    connection.execute(older, [{name: row[name] for name in names} for row in rows])


def withdraw(connection: Connection, leads: Sequence[str], code: str, now: datetime) -> int:
    """Suppress what waits to be told of some leads and cannot have arrived; return how many events.

    Parameters
    ----------
    connection
        In a transaction.
    leads
        Their ids.
    code
        Why.
    now
        Aware.
    """
    statement = text(
        "UPDATE export_events SET state = 'suppressed', code = :code, payload = NULL, updated_at = :now "
        "WHERE lead_id = :lead AND state IN ('pending', 'retry') AND quiet_until IS NULL AND kind <> 'retraction'"
    )
    rows = [{"lead": lead, "code": code, "now": stamp(now)} for lead in leads]
    return int(connection.execute(statement, rows).rowcount) if rows else 0


def take(
    connection: Connection, destination: str, worker: str, now: datetime, lease: timedelta, most: int
) -> list[Row]:
    """Take events that are due, oldest first, and hold them for a while.

    Parameters
    ----------
    connection
        In a transaction of its own.
    destination
        Whose.
    worker
        Who takes them.
    now
        Aware.
    lease
        How long they are held.
    most
        Events at most.
    """
    at = stamp(now)
    other = export_events.alias("other")
    busy = exists().where(
        other.c.destination == _events.destination,
        other.c.transaction_id == _events.transaction_id,
        other.c.event_id != _events.event_id,
        or_(
            other.c.state == EventState.LEASED.value,
            other.c.quiet_until > at,
            and_(
                other.c.version < _events.version,
                other.c.state == EventState.RETRY.value,
                other.c.quiet_until.is_not(None),
            ),
        ),
    )
    due = (
        select(_events.event_id)
        .where(
            _events.destination == destination,
            _events.state.in_([state.value for state in WAITING]),
            _events.not_before <= at,
            ~busy,
        )
        .order_by(_events.not_before)
        .limit(most)
    )
    if connection.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    taken = (
        update(export_events)
        .where(_events.event_id.in_(due.scalar_subquery()))
        .values(
            state=EventState.LEASED.value, leased_by=worker, lease_until=stamp(now + lease), updated_at=at,
            first_sent_at=func.coalesce(_events.first_sent_at, at),
        )
        .returning(export_events)
    )  # fmt: skip
    rows = [dict(row) for row in connection.execute(taken).mappings()]
    return sorted(rows, key=lambda row: (row["not_before"], row["event_id"]))


def release_expired(connection: Connection, destination: str, now: datetime, repeats: bool) -> int:
    """Take back what workers held that died or hang; return how many.

    What they held may have been sent: where the platform recognises a repetition it is sent again, else it
    stays uncertain. The lease was the time in which the request could still arrive.
    """
    at = stamp(now)
    state = EventState.RETRY if repeats else EventState.UNCERTAIN
    back = (
        update(export_events)
        .where(_events.destination == destination, _events.state == EventState.LEASED.value, _events.lease_until < at)
        .values(
            state=state.value, code="lease-ended", leased_by=None, lease_until=None, not_before=at, quiet_until=at,
            updated_at=at,
        )
    )  # fmt: skip
    return int(connection.execute(back).rowcount)


def settle(connection: Connection, destination: str, worker: str, rows: Iterable[Row], now: datetime) -> int:
    """Write what became of events; return how many were still this worker's.

    Parameters
    ----------
    connection
        In a transaction.
    destination
        Whose.
    worker
        Who held them; another's are left alone.
    rows
        `event_id` with `state`, `code`, `attempts`, `not_before`, `quiet_until`, `told`, `receipt`, `digest`,
        and `keeps`: whether the payload is still needed.
    now
        Aware.
    """
    at = stamp(now)
    changed = text(
        "UPDATE export_events SET state = :state, code = :code, attempts = :attempts, not_before = :not_before, "
        "quiet_until = :quiet_until, told = :told, receipt = :receipt, digest = :digest, "
        "payload = CASE WHEN :keeps THEN payload ELSE NULL END, "
        "leased_by = NULL, lease_until = NULL, updated_at = :now "
        "WHERE event_id = :event_id AND state = 'leased' AND leased_by = :worker"
    )
    listed = [{**row, "now": at, "worker": worker} for row in rows]
    if not listed:
        return 0
    count = connection.execute(changed, listed).rowcount
    if any(row["state"] == EventState.RETRY for row in listed):
        _yield_to_newer(connection, destination, at)
    return int(count)


def _yield_to_newer(connection: Connection, destination: str, at: str) -> None:
    """Let events that wait again, and cannot have arrived, go where a newer version came meanwhile."""
    newer = export_events.alias("newer")
    connection.execute(
        update(export_events)
        .where(
            _events.destination == destination,
            _events.state == EventState.RETRY.value,
            _events.quiet_until.is_(None),
            exists().where(
                newer.c.destination == _events.destination,
                newer.c.transaction_id == _events.transaction_id,
                newer.c.version > _events.version,
            ),
        )
        .values(state=EventState.SUPERSEDED.value, payload=None, updated_at=at)
    )


def expire(connection: Connection, destination: str, now: datetime) -> int:
    """Give up what waits past the platform's window; return how many."""
    at = stamp(now)
    late = (
        update(export_events)
        .where(
            _events.destination == destination,
            _events.state.in_([state.value for state in WAITING]),
            _events.expires_at < at,
        )
        .values(state=EventState.EXPIRED.value, code="window-closed", payload=None, updated_at=at)
    )
    return int(connection.execute(late).rowcount)


def told_before(connection: Connection, destination: str, transactions: Sequence[str]) -> set[str]:
    """Return the transactions of which the platform has a version already."""
    found: set[str] = set()
    has = _events.state.in_([*(state.value for state in TOLD), EventState.UNCERTAIN.value])
    for begin in range(0, len(transactions), 500):
        part = transactions[begin : begin + 500]
        asked = select(_events.transaction_id).where(
            _events.destination == destination, _events.transaction_id.in_(part), has
        )
        found.update(connection.execute(asked.distinct()).scalars())
    return found


def next_due(connection: Connection, destination: str) -> str | None:
    """Return when the next event that waits is due, or None where none waits."""
    waiting = select(func.min(_events.not_before)).where(
        _events.destination == destination, _events.state.in_([state.value for state in WAITING])
    )
    return connection.execute(waiting).scalar()


def receive(connection: Connection, receipts: Iterable[Row]) -> None:
    """Keep receipts by which platforms are asked later."""
    listed = list(receipts)
    if listed:
        maker = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(maker.insert(export_receipts).on_conflict_do_nothing(), listed)
