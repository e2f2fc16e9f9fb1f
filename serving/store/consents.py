"""What people agreed to, as recorded, newest last; asked again at the moment of sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from leadworth.consent import Consent
from serving.export.identity import PURPOSES
from serving.store.answers import stamp
from serving.store.decisions import decision_id
from serving.store.tables import consents

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.records import Lead


def rows_of(lead: Lead, now: datetime) -> list[dict[str, Any]]:
    """Return the rows that a lead's own answers make; none where nothing was asked."""
    said = {"ad_user_data": lead.consent_ad_user_data, "ad_personalization": lead.consent_ad_personalization}
    return [
        _row(lead.lead_id or "", purpose, granted, lead.consent_source or "form", now)
        for purpose, granted in said.items()
        if granted is not None
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
