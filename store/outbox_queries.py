"""Read events of the outbox, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from store.any_of import any_of
from store.event_state import DELIVERED, EventState
from store.outbox import Row
from store.schema import export_events, export_people, is_waiting

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection

_events = export_events.c
PLAN_COLUMNS = tuple(
    _events[name]
    for name in (
        *("event_id", "lead_id", "destination", "stage", "transaction_id", "version", "kind", "channel", "campaign"),
        *("happened_at", "expires_at", "value", "sent_value", "currency", "expected", "state", "code"),
    )
)
"""Columns that follow-up versions are planned from."""


def events_of_leads(
    connection: Connection, leads: Sequence[str], columns: Sequence[Column[Any]] = tuple(_events)
) -> list[Row]:
    """Return all events of leads, in order of version, with all columns or some."""
    names = [column.name for column in columns]
    query = select(*columns).where(any_of(_events.lead_id, leads)).order_by(_events.version)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def events_of_lead(connection: Connection, lead: str) -> list[Row]:
    """Return all events of one lead, oldest first, without the encrypted payload."""
    query = select(export_events).where(_events.lead_id == lead).order_by(_events.created_at, _events.event_id)
    return [{**row, "payload": None} for row in connection.execute(query).mappings()]


def has_values_of(connection: Connection, model_version: str) -> bool:
    """Return whether an event has a value of a model version."""
    query = select(_events.event_id).where(_events.model_version == model_version).limit(1)
    return connection.execute(query).first() is not None


def knows_lead(connection: Connection, lead: str) -> bool:
    """Return whether a lead has events, or identifiers for later ones."""
    queries = (
        select(_events.event_id).where(_events.lead_id == lead).limit(1),
        select(export_people.c.lead_id).where(export_people.c.lead_id == lead),
    )
    return any(connection.execute(query).first() is not None for query in queries)


def waiting_events(connection: Connection, destination: str, limit: int) -> list[Row]:
    """Return the waiting events of a platform, the earliest due first."""
    query = select(export_events).where(_events.destination == destination, is_waiting())
    return [dict(row) for row in connection.execute(query.order_by(_events.not_before).limit(limit)).mappings()]


def transactions_sent(connection: Connection, destination: str, transactions: Sequence[str]) -> set[str]:
    """Return the transactions of which the platform has, or may have, a version."""
    if not transactions:
        return set()
    query = select(_events.transaction_id).where(
        _events.destination == destination,
        any_of(_events.transaction_id, transactions),
        _events.state.in_([*DELIVERED, EventState.UNCERTAIN]),
    )
    return set(connection.execute(query).scalars())


def latest_of_receipt(connection: Connection, destination: str, receipt: str, version_below: int) -> list[Row]:
    """Return the events of a receipt that no newer version follows, with the lead's encrypted identifiers.

    Leads whose identifiers were deleted are left out, and so are versions from `version_below` on.
    """
    newer = export_events.alias("newer")
    followed = select(newer.c.event_id).where(
        newer.c.transaction_id == _events.transaction_id,
        newer.c.destination == _events.destination,
        newer.c.version > _events.version,
    )
    query = (
        select(export_events, export_people.c.sealed)
        .join(export_people, export_people.c.lead_id == _events.lead_id)
        .where(
            _events.destination == destination,
            _events.receipt == receipt,
            _events.version < version_below,
            ~followed.exists(),
        )
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def delivered_by_day(connection: Connection, destination: str) -> dict[str, int]:
    """Return ISO day -> transactions that happened then and that the platform accepted, without retractions."""
    day = func.substr(_events.happened_at, 1, 10)
    query = (
        select(day, func.count(func.distinct(_events.transaction_id)))
        .where(_events.destination == destination, _events.state.in_(DELIVERED), _events.kind != "retraction")
        .group_by(day)
    )
    return {name: int(count) for name, count in connection.execute(query)}
