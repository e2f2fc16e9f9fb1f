"""Encrypted identifiers of leads, kept for later conversions and deleted when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select

from store.any_of import any_of
from store.schema import export_people
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_people = export_people.c


def encrypted_of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, str]:
    """Return lead id -> encrypted identifiers, for the leads whose identifiers are kept."""
    query = select(_people.lead_id, _people.sealed).where(any_of(_people.lead_id, leads))
    return dict(connection.execute(query).all())


def row_of_lead(connection: Connection, lead: str) -> dict[str, Any] | None:
    """Return the row of a lead, or None if its identifiers are not kept."""
    row = connection.execute(select(export_people).where(_people.lead_id == lead)).mappings().first()
    return None if row is None else dict(row)


def submitted_since(connection: Connection, since: datetime, limit: int) -> list[dict[str, Any]]:
    """Return `lead_id`, `sealed` and `region` of the newest leads submitted since a moment."""
    query = (
        select(_people.lead_id, _people.sealed, _people.region)
        .where(_people.submitted_at > stamp(since))
        .order_by(_people.submitted_at.desc())
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def newest_submit(connection: Connection) -> datetime | None:
    """Return when the newest lead with identifiers was submitted; None if there is none."""
    newest = connection.execute(select(func.max(_people.submitted_at))).scalar()
    return None if newest is None else datetime.fromisoformat(newest)


def delete_expired(connection: Connection, now: datetime, days: float) -> int:
    """Delete identifiers whose retention time is over, or of leads submitted over `days` ago; return how many."""
    expired = or_(_people.keep_until < stamp(now), _people.submitted_at < stamp(now - timedelta(days=days)))
    return int(connection.execute(delete(export_people).where(expired)).rowcount)
