"""Append-only log of consent; the newest entry per lead and purpose holds, and is read again before each sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from leadworth.consent import PURPOSES, Consent
from store.chunks import chunks
from store.row_ids import new_row_id
from store.schema import consents
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


def rows_of(lead_id: str, consent: Consent, source: str | None, now: datetime) -> list[dict[str, Any]]:
    """Return one row for each purpose that the lead's consent answers."""
    return [
        _row(lead_id, purpose, granted, source or "form", now)
        for purpose in PURPOSES
        if (granted := getattr(consent, purpose)) is not None
    ]


def record(connection: Connection, lead_id: str, granted: Mapping[str, bool], source: str, now: datetime) -> None:
    """Record that a person granted or withdrew consent (purpose -> granted); it holds from the next sending."""
    rows = [_row(lead_id, purpose, answer, source, now) for purpose, answer in granted.items()]
    if rows:
        connection.execute(insert(consents), rows)


def of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, Consent]:
    """Return the consent that holds now, for the leads of which any is recorded."""
    answers: dict[str, dict[str, bool]] = {}
    for part in chunks(leads):
        newest = (
            select(func.max(consents.c.consent_id))
            .where(consents.c.lead_id.in_(part))
            .group_by(consents.c.lead_id, consents.c.purpose)
        )
        query = select(consents.c.lead_id, consents.c.purpose, consents.c.granted)
        for lead, purpose, granted in connection.execute(query.where(consents.c.consent_id.in_(newest))):
            answers.setdefault(lead, {})[purpose] = bool(granted)
    return {lead: Consent(*(of_lead.get(purpose) for purpose in PURPOSES)) for lead, of_lead in answers.items()}


def _row(lead_id: str, purpose: str, granted: bool, source: str, now: datetime) -> dict[str, Any]:
    return {
        "consent_id": new_row_id(),
        "lead_id": lead_id,
        "purpose": purpose,
        "granted": granted,
        "source": source[:200],
        "given_at": stamp(now),
    }
