"""Consent columns of the CRM against the consent log: a changed value is a newer entry, both ways.

A column is compared with what it said before, not with what holds: a withdrawal that came by another way is not undone
by a column that did not change. The first value of a column is as old as the lead, except a refusal: it holds from now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import EventKind
from conversions.event_checks import NO_CONSENT, allows
from conversions.person_identifiers import consent_of
from leadworth.consent import PURPOSES, Consent
from store.consents import ConsentOrigin, ConsentRecord, Records, row
from store.event_state import DELIVERED, EventState
from store.outbox import Row

CRM = "CRM"
REMOVED = "CRM: value removed"


def changed_consents(lead: Mapping[str, Any], from_crm: Records, now: datetime) -> list[Row]:
    """Return the new entries that the consent columns of a lead make.

    Parameters
    ----------
    lead
        Fields of the lead, as the CRM has them; a column that is not mapped is absent.
    from_crm
        Entries made from the columns before.
    now
        Timezone-aware current time.

    Examples
    --------
    >>> from datetime import UTC
    >>> lead = {"lead_id": "L1", "submitted_at": datetime(2026, 11, 1, tzinfo=UTC), "consent_ad_user_data": False}
    >>> [(new["purpose"], new["granted"]) for new in changed_consents(lead, {}, datetime.now(UTC))]
    [('ad_user_data', False)]
    """
    consent = consent_of(lead)
    rows = []
    for purpose in PURPOSES:
        if f"consent_{purpose}" not in lead:
            continue
        value: bool | None = getattr(consent, purpose)
        last = from_crm.get(purpose)
        if value == (None if last is None else bool(last.granted)) or (value is None and not (last and last.granted)):
            continue
        source = REMOVED if value is None else lead.get("consent_source") or CRM
        given_at = lead["submitted_at"] if last is None and value else now
        rows.append(row(str(lead["lead_id"]), purpose, bool(value), source, ConsentOrigin.CRM, given_at))
    return rows


def with_entries(records: Records, rows: Sequence[Row]) -> dict[str, ConsentRecord]:
    """Return the entries that hold after new rows are added."""
    newest = dict(records)
    for new in rows:
        entry = ConsentRecord(**{name: value for name, value in new.items() if name != "lead_id"})
        last = newest.get(entry.purpose)
        if last is None or (last.given_at, last.consent_id) < (entry.given_at, entry.consent_id):
            newest[entry.purpose] = entry
    return newest


def resumable(events: Sequence[Row], consent: Consent, limits: Capabilities, at: str) -> list[Row]:
    """Return the events that were suppressed for want of consent and may be sent now: the newest of each transaction.

    Parameters
    ----------
    events
        Events of a lead at one platform, in order of version.
    consent
        Consent that holds.
    limits
        Capabilities of the platform.
    at
        Current time, as the store writes it.
    """
    if not allows(consent, limits):
        return []
    newest = {row["transaction_id"]: row for row in events}
    return [
        row
        for row in newest.values()
        if (row["state"], row["code"]) == (EventState.SUPPRESSED, NO_CONSENT) and row["expires_at"] > at
    ]


def retractable(events: Sequence[Row], consent: Consent, limits: Capabilities, now: datetime) -> list[Row]:
    """Return the newest version of each transaction to retract because consent was withdrawn after it was sent.

    Only conversions that the platform can retract; elsewhere what was sent with consent stays.
    """
    if allows(consent, limits) or not limits.retract or limits.restate is None:
        return []
    newest = {row["transaction_id"]: row for row in events}
    sent = {row["transaction_id"] for row in events if row["state"] in DELIVERED}
    return [
        row
        for transaction, row in newest.items()
        if transaction in sent
        and row["kind"] != EventKind.RETRACTION
        and now - datetime.fromisoformat(row["happened_at"]) <= limits.restate
    ]
