"""Delete identifiers and payloads whose retention time is over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from store import lead_identifiers, outbox

if TYPE_CHECKING:
    from sqlalchemy import Engine


def delete_expired(engine: Engine, now: datetime) -> tuple[int, int]:
    """Delete expired identifiers, and payloads of events whose window is closed; return the count of each."""
    with engine.begin() as connection:
        payloads = outbox.delete_expired_payloads(connection, now)
        return lead_identifiers.delete_expired(connection, now), payloads
