"""Delete what is past its time: identifiers of people, and payloads that nobody will send."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from store.event_state import EventState
from store.idempotency_records import stamp
from store.schema import export_events, export_people

if TYPE_CHECKING:
    from sqlalchemy import Engine


def tidy(engine: Engine, now: datetime) -> tuple[int, int]:
    """Delete identifiers whose time is over, and payloads of events whose window is closed; return how many."""
    at = stamp(now)
    with engine.begin() as connection:
        payloads = connection.execute(
            update(export_events)
            .where(
                export_events.c.payload.is_not(None),
                export_events.c.expires_at < at,
                export_events.c.state.in_([EventState.REJECTED.value, EventState.UNCERTAIN.value]),
            )
            .values(payload=None)
        ).rowcount
        people = connection.execute(delete(export_people).where(export_people.c.keep_until < at)).rowcount
    return int(people), int(payloads)
