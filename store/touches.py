"""Contacts of leads with marketing: rows are added, never updated, so that the first one stays the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from store.any_of import any_of
from store.insert_ignore import insert_ignore
from store.report_schema import touches
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Touch:
    """Contact of a lead with marketing.

    Attributes
    ----------
    at
        Timezone-aware time.
    kind
        `visit`, `form`, `email_click`, `webinar`, `event` or `call`.
    origin
        Where the row is from, such as `collector`.
    """

    lead_id: str
    at: datetime
    channel: str
    campaign_key: str
    source: str
    medium: str
    kind: str
    origin: str

    @property
    def touch_id(self) -> str:
        """Id by lead, time and kind, so that a repeated import adds nothing."""
        content = "\n".join((self.lead_id, stamp(self.at), self.kind, self.source, self.medium))
        return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def move(connection: Connection, leads: Mapping[str, str]) -> None:
    """Move the touches of leads to others (old id -> new id); those that the new lead has already are not doubled."""
    of_old = any_of(touches.c.lead_id, leads)
    names = [name for name in Touch.__dataclass_fields__ if name not in ("lead_id", "at")]
    query = select(touches.c.lead_id, touches.c.at, *(touches.c[name] for name in names)).where(of_old)
    found = [
        Touch(leads[lead_id], datetime.fromisoformat(at), *rest) for lead_id, at, *rest in connection.execute(query)
    ]
    connection.execute(delete(touches).where(of_old))
    add(connection, found)


def add(connection: Connection, rows: Sequence[Touch]) -> list[Touch]:
    """Add touches that are not there; return those that were new."""
    by_id = {row.touch_id: row for row in rows}
    known = select(touches.c.touch_id).where(any_of(touches.c.touch_id, by_id))
    for touch_id in connection.execute(known).scalars():
        del by_id[touch_id]
    new = list(by_id.values())
    values = [
        {
            "touch_id": touch_id,
            "lead_id": row.lead_id,
            "at": stamp(row.at),
            "channel": row.channel,
            "campaign_key": row.campaign_key,
            "source": row.source,
            "medium": row.medium,
            "kind": row.kind,
            "origin": row.origin,
        }
        for touch_id, row in by_id.items()
    ]
    if values:
        connection.execute(insert_ignore(connection, touches), values)
    return new
