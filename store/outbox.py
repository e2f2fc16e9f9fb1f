"""Add events to the outbox, and withdraw them: one row per version of a transaction at one platform.

A transaction is a stage of one lead at one platform. Only its newest version is worth sending, so adding a
version supersedes the older ones that wait. An event with `in_doubt_until` may have reached the platform
without an answer; it is never superseded or withdrawn, because the platform may count it. The same holds for one that a
worker holds (`leased_by`).

Timestamps are text in UTC, as in all tables of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select, update

from store.any_of import any_of
from store.event_state import WAITING, EventState
from store.insert_ignore import insert_new
from store.row_ids import new_row_id
from store.schema import consents, export_events, export_people, person_index
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table, Update

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""Table -> rows to add."""

TABLES: dict[str, Table] = {table.name: table for table in (person_index, export_people, consents, export_events)}
_events = export_events.c


def event_row(now: datetime, **columns: Any) -> Row:
    """Return a pending event: the columns given, and the initial value of all others."""
    at = stamp(now)
    return {
        "event_id": new_row_id(),
        "sent_value": None,
        "state": EventState.PENDING.value,
        "code": "",
        "attempts": 0,
        "first_sent_at": None,
        "leased_by": None,
        "lease_until": None,
        "in_doubt_until": None,
        "payload": None,
        "receipt": None,
        "consent": None,
        "repairs": None,
        "created_at": at,
        "updated_at": at,
        "channel": None,
        "campaign": None,
        "model_version": None,
        **columns,
    }


def join_rows(parts: Iterable[Rows]) -> Rows:
    """Return the rows of several mappings as one."""
    joined: dict[str, list[Row]] = {}
    for rows in parts:
        for name, part in rows.items():
            joined.setdefault(name, []).extend(part)
    return joined


def add(connection: Connection, rows: Rows) -> int:
    """Add rows; existing ones stay as they are. Return how many events were new.

    A new version of a transaction supersedes those that wait.
    """
    added = 0
    for name, part in rows.items():
        new = insert_new(connection, TABLES[name], part)
        if name == export_events.name:
            added = new
            _supersede(connection, [row for row in part if row["version"] > 1])
    return added


def withdraw(connection: Connection, leads: Sequence[str], code: str, now: datetime) -> int:
    """Suppress the waiting events of leads, except retractions and events in doubt; return how many.

    Parameters
    ----------
    connection
        In a transaction.
    leads
        Their ids.
    code
        Reason, such as "junk".
    now
        Timezone-aware current time.
    """
    statement = _waiting_and_not_in_doubt().where(_events.kind != "retraction", any_of(_events.lead_id, leads))
    statement = statement.values(state=EventState.SUPPRESSED.value, code=code, payload=None, updated_at=stamp(now))
    return int(connection.execute(statement).rowcount)


def requeue(
    connection: Connection, states: Sequence[EventState], destination: str | None, code: str | None, now: datetime
) -> int:
    """Make events pending again whose identifiers are kept and whose window is open; return how many.

    Parameters
    ----------
    connection
        In a transaction.
    states
        Only events in one of these.
    destination, code
        Only events of this platform, and with this reason; None: all.
    now
        Timezone-aware current time.
    """
    at = stamp(now)
    statement = update(export_events).where(
        _events.state.in_(states), _events.payload.is_not(None), _events.expires_at > at
    )
    if destination is not None:
        statement = statement.where(_events.destination == destination)
    if code is not None:
        statement = statement.where(_events.code == code)
    values = {
        "state": EventState.PENDING.value,
        "attempts": 0,
        "not_before": at,
        "in_doubt_until": None,
        "updated_at": at,
    }
    return int(connection.execute(statement.values(**values)).rowcount)


def correct(connection: Connection, rows: Rows) -> None:
    """Let the rows of a lead that was submitted again replace those of its earlier submission.

    Its identifiers are replaced, and the events that wait for their first sending get its value and identifiers. A lead
    that is rejected now has no events: those that wait are withdrawn.

    Parameters
    ----------
    connection
        In a transaction.
    rows
        Rows of the lead as `add` takes them, added before.
    """
    people = rows.get(export_people.name, ())
    for row in people:
        values = {name: row[name] for name in ("pseudonym", "sealed", "region", "keep_until")}
        connection.execute(update(export_people).where(export_people.c.lead_id == row["lead_id"]).values(**values))
    events = rows.get(export_events.name, ())
    for row in events:
        statement = _waiting_and_not_in_doubt().where(
            _events.destination == row["destination"],
            _events.transaction_id == row["transaction_id"],
            _events.version == row["version"],
        )
        names = ("value", "currency", "payload", "channel", "campaign", "model_version", "updated_at")
        connection.execute(statement.values(**{name: row[name] for name in names}))
    if export_events.name not in rows:
        withdraw(connection, [row["lead_id"] for row in people], "junk", datetime.now(UTC))


def resume(connection: Connection, events: Sequence[str], now: datetime) -> int:
    """Make suppressed events pending again with the identifiers that are kept of their leads; return how many.

    Parameters
    ----------
    connection
        In a transaction.
    events
        Their ids.
    now
        Timezone-aware current time.
    """
    at = stamp(now)
    sealed = select(export_people.c.sealed).where(export_people.c.lead_id == _events.lead_id).scalar_subquery()
    statement = (
        update(export_events)
        .where(_events.state == EventState.SUPPRESSED.value, sealed.is_not(None), any_of(_events.event_id, events))
        .values(state=EventState.PENDING.value, code="", attempts=0, not_before=at, payload=sealed, updated_at=at)
    )
    return int(connection.execute(statement).rowcount)


def delete_expired_payloads(connection: Connection, now: datetime) -> int:
    """Delete the encrypted identifiers of undelivered events whose window is closed; return how many."""
    statement = update(export_events).where(
        _events.payload.is_not(None),
        _events.expires_at < stamp(now),
        _events.state.in_([EventState.REJECTED.value, EventState.UNCERTAIN.value]),
    )
    return int(connection.execute(statement.values(payload=None)).rowcount)


def _supersede(connection: Connection, rows: Sequence[Row]) -> None:
    """Supersede the waiting older versions of new ones, and delete their payload."""
    if not rows:
        return
    statement = (
        _waiting_and_not_in_doubt()
        .where(
            _events.destination == bindparam("at_destination"),
            _events.transaction_id == bindparam("of_transaction"),
            _events.version < bindparam("new_version"),
        )
        .values(state=EventState.SUPERSEDED.value, payload=None, updated_at=bindparam("at"))
    )
    parameters = [
        {
            "at_destination": row["destination"],
            "of_transaction": row["transaction_id"],
            "new_version": row["version"],
            "at": row["created_at"],
        }
        for row in rows
    ]
    connection.execute(statement, parameters)


def _waiting_and_not_in_doubt() -> Update:
    waiting = or_(*(_events.state == state for state in WAITING))  # IN does not work with several parameter sets
    return update(export_events).where(waiting, _events.leased_by.is_(None), _events.in_doubt_until.is_(None))
