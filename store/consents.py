"""What people agreed to, as recorded, newest last; asked again at the moment of sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from leadworth.consent import PURPOSES, Consent
from store.decision_log import decision_id
from store.idempotency_records import stamp
from store.schema import consents

if TYPE_CHECKING:
    from sqlalchemy import Connection


def rows_of(lead_id: str, said: Consent, source: str | None, now: datetime) -> list[dict[str, Any]]:
    """Return the rows that a lead's own answers make; none where nothing was asked."""
    return [
        _row(lead_id, purpose, granted, source or "form", now)
        for purpose in PURPOSES
        if (granted := getattr(said, purpose)) is not None
    ]


def record(connection: Connection, lead_id: str, granted: dict[str, bool], source: str, now: datetime) -> None:
    """Write that a person agreed, or no longer does; it holds from the next sending on."""
    rows = [_row(lead_id, purpose, said, source, now) for purpose, said in granted.items()]
    if rows:
        connection.execute(insert(consents), rows)


def of_leads(connection: Connection, leads: Sequence[str]) -> dict[str, Consent]:
    """Return what holds now, for the leads of which anything is recorded."""
    found: dict[str, dict[str, bool]] = {}
    for begin in range(0, len(leads), 500):
        part = leads[begin : begin + 500]
        newest = (
            select(func.max(consents.c.consent_id))
            .where(consents.c.lead_id.in_(part))
            .group_by(consents.c.lead_id, consents.c.purpose)
        )
        asked = select(consents.c.lead_id, consents.c.purpose, consents.c.granted)
        for lead, purpose, granted in connection.execute(asked.where(consents.c.consent_id.in_(newest))):
            found.setdefault(lead, {})[purpose] = bool(granted)
    return {lead: Consent(*(said.get(purpose) for purpose in PURPOSES)) for lead, said in found.items()}


def _row(lead_id: str, purpose: str, granted: bool, source: str, now: datetime) -> dict[str, Any]:
    return {
        "consent_id": decision_id(), "lead_id": lead_id, "purpose": purpose, "granted": granted,
        "source": source[:200], "given_at": stamp(now),
    }  # fmt: skip
