"""Append-only log of consent; the newest entry per lead and purpose holds, and is read again before each sending.

Newest is the entry with the latest `given_at`. An entry that says when a person consented, and not when that was
recorded, does not override a withdrawal in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from leadworth.consent import PURPOSES, Consent
from store.any_of import any_of
from store.row_ids import new_row_id
from store.schema import consents
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ConsentOrigin(StrEnum):
    """How an entry came into the log."""

    FORM = "form"
    """With the lead, over HTTP."""
    CRM = "crm"
    """From a consent column of the CRM."""
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One entry: the consent of a lead for a purpose, and where and when it was given."""

    consent_id: str
    purpose: str
    granted: bool
    source: str
    origin: str | None
    given_at: str

    def as_json(self) -> dict[str, str | bool | None]:
        """Return the entry as JSON values."""
        return {
            "consent_id": self.consent_id,
            "purpose": self.purpose,
            "granted": self.granted,
            "source": self.source,
            "origin": self.origin,
            "given_at": self.given_at,
        }


Records = Mapping[str, ConsentRecord]
"""Purpose -> entry."""


def rows_of(lead_id: str, consent: Consent, source: str | None, now: datetime) -> list[dict[str, Any]]:
    """Return one row for each purpose that the consent of a lead from a form answers."""
    return [
        row(lead_id, purpose, granted, source or "form", ConsentOrigin.FORM, now)
        for purpose in PURPOSES
        if (granted := getattr(consent, purpose)) is not None
    ]


def record(connection: Connection, lead_id: str, granted: Mapping[str, bool], source: str, now: datetime) -> None:
    """Record that a person granted or withdrew consent (purpose -> granted); it holds from the next sending."""
    rows = [row(lead_id, purpose, answer, source, ConsentOrigin.COMMAND, now) for purpose, answer in granted.items()]
    if rows:
        connection.execute(insert(consents), rows)


def records_of_leads(
    connection: Connection, leads: Sequence[str], origin: ConsentOrigin | None = None
) -> dict[str, dict[str, ConsentRecord]]:
    """Return lead -> purpose -> newest entry, for the leads that have any; only of one origin, or of all."""
    newest: dict[str, dict[str, ConsentRecord]] = {}
    names = ("consent_id", "purpose", "granted", "source", "origin", "given_at")
    query = select(consents.c.lead_id, *(consents.c[name] for name in names)).where(any_of(consents.c.lead_id, leads))
    if origin is not None:
        query = query.where(consents.c.origin == origin.value)
    for lead, *values in connection.execute(query.order_by(consents.c.given_at, consents.c.consent_id)):
        entry = ConsentRecord(*values)
        newest.setdefault(lead, {})[entry.purpose] = entry
    return newest


def consent_in(records: Records) -> Consent:
    """Return the consent that entries give."""
    return Consent(*(bool(records[purpose].granted) if purpose in records else None for purpose in PURPOSES))


def of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, Consent]:
    """Return the consent that holds now, for the leads of which any is recorded."""
    return {lead: consent_in(records) for lead, records in records_of_leads(connection, leads).items()}


def row(
    lead_id: str, purpose: str, granted: bool, source: str, origin: ConsentOrigin, given_at: datetime
) -> dict[str, Any]:
    """Return the row of a new entry."""
    return {
        "consent_id": new_row_id(),
        "lead_id": lead_id,
        "purpose": purpose,
        "granted": granted,
        "source": source[:200],
        "origin": origin.value,
        "given_at": stamp(given_at),
    }
