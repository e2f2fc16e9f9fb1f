"""Touches as the store has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, select

from store.report_schema import touches
from store.touches import Touch


def stored_touches(connection: Connection, leads: Sequence[str]) -> list[Touch]:
    """Return the touches of leads, each lead's from the first to the last."""
    columns = [touches.c[field.name] for field in fields(Touch)]
    query = select(*columns).where(touches.c.lead_id.in_(leads)).order_by(touches.c.lead_id, touches.c.at)
    rows = (dict(row) for row in connection.execute(query).mappings())
    return [Touch(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]
