"""Encrypted identifiers of leads, kept for later conversions and deleted when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from store.chunks import chunks
from store.schema import decisions, export_events, export_people
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_people = export_people.c


def encrypted_of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, str]:
    """Return lead id -> encrypted identifiers, for the leads whose identifiers are kept."""
    return {
        lead: encrypted
        for part in chunks(leads)
        for lead, encrypted in connection.execute(
            select(_people.lead_id, _people.sealed).where(_people.lead_id.in_(part))
        )
    }


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


def leads_of_person(connection: Connection, lead: str | None, pseudonym: str | None) -> list[str]:
    """Return the ids of all leads of a person, sorted.

    Parameters
    ----------
    connection
        Connection to the store.
    lead
        Id of one of them, or None.
    pseudonym
        Pseudonym of the person; used if `lead` has none.
    """
    result = {lead} if lead and _is_stored(connection, lead) else set()
    if lead:
        query = select(_people.pseudonym).where(_people.lead_id == lead, _people.pseudonym.is_not(None))
        pseudonym = connection.execute(query).scalar() or pseudonym
    if pseudonym:
        result |= set(connection.execute(select(_people.lead_id).where(_people.pseudonym == pseudonym)).scalars())
    return sorted(result)


def _is_stored(connection: Connection, lead: str) -> bool:
    columns = (decisions.c.lead_id, export_events.c.lead_id, _people.lead_id)
    return any(connection.execute(select(column).where(column == lead).limit(1)).first() for column in columns)


def delete_of_leads(connection: Connection, leads: Sequence[str]) -> None:
    """Delete the identifiers of leads."""
    connection.execute(delete(export_people).where(_people.lead_id.in_(leads)))


def delete_expired(connection: Connection, now: datetime) -> int:
    """Delete identifiers whose retention time is over; return how many leads."""
    return int(connection.execute(delete(export_people).where(_people.keep_until < stamp(now))).rowcount)
