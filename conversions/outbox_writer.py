"""Outbox rows of a new lead, written in the same transaction as its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import EventKind
from conversions.person_identifiers import consent_of, identifiers_of, region_of_lead, to_json
from features.lead_origin import channel_of_lead
from leadworth.channel_groups import ChannelGroups, shipped
from leadworth.money import amount
from leadworth.records import Verdict
from store import consents
from store.outbox import Row, Rows, event_row
from store.timestamps import stamp

if TYPE_CHECKING:
    from conversions.destination import Destination
    from leadworth.encryption import IdentifierCipher
    from leadworth.records import Lead

NO_ROWS: Rows = {}


@dataclass(frozen=True)
class OutboxWriter:
    """Makes the outbox rows of new leads.

    Attributes
    ----------
    destinations
        Platforms by name; only those with an action for the stage `lead` get an event.
    cipher
        Encrypts the identifiers.
    keep_days
        Retention time of the identifiers.
    channels
        Assigns the channel of a lead.
    """

    destinations: Mapping[str, Destination]
    cipher: IdentifierCipher
    keep_days: float
    channels: ChannelGroups = field(default_factory=shipped)

    def rows(self, lead: Lead, score: Mapping[str, Any], now: datetime, would_be: str) -> Rows:
        """Return the rows of a scored lead; without events if it is rejected or accepted only for exploration.

        Parameters
        ----------
        lead
            As enriched by the service.
        score
            Fields of its `Score`.
        now
            Timezone-aware current time.
        would_be
            Its verdict without exploration.
        """
        lead_id = lead.lead_id or ""
        happened_at = min(lead.submitted_at or now, now)
        encrypted = encrypt_lead(self.cipher, lead.__dict__)
        rows = {
            "export_people": [self.person_row(lead.__dict__, encrypted, happened_at)],
            "consents": consents.rows_of(lead_id, consent_of(lead.__dict__), lead.consent_source, now),
        }
        if would_be == Verdict.REJECT.value:
            return rows
        transaction_id = self.cipher.transaction_id(lead_id, "lead")
        events = [
            first_version(
                now,
                destination,
                "lead",
                lead_id,
                transaction_id,
                happened_at,
                value=str(amount(score["predicted_value"], score["currency"])),
                currency=score["currency"],
                expected=True,
                payload=encrypted,
                channel=channel_of_lead(lead.__dict__, self.channels),
                campaign=lead.campaign,
                model_version=score["model_version"],
            )
            for destination in self.destinations.values()
            if "lead" in destination.actions
        ]
        return {**rows, "export_events": events}

    def person_row(self, lead: Mapping[str, Any], encrypted: str, submitted_at: datetime) -> Row:
        """Return the row that keeps a lead's encrypted identifiers; `lead` holds its fields."""
        email = lead.get("email")
        return {
            "lead_id": lead["lead_id"],
            "pseudonym": self.cipher.pseudonym(email) if isinstance(email, str) and email else None,
            "sealed": encrypted,
            "region": region_of_lead(lead),
            "submitted_at": stamp(submitted_at),
            "keep_until": stamp(submitted_at + timedelta(days=self.keep_days)),
        }


def encrypt_lead(cipher: IdentifierCipher, lead: Mapping[str, Any]) -> str:
    """Return everything about a lead that a platform may receive, encrypted; `lead` holds its fields."""
    content = to_json(identifiers_of(lead))
    entry = lead.get("entry")
    if isinstance(entry, str):
        content["entry"] = entry
    return cipher.encrypt(content)


def first_version(
    now: datetime,
    destination: Destination,
    stage: str,
    lead_id: str,
    transaction_id: str,
    happened_at: datetime,
    **columns: Any,
) -> Row:
    """Return the first version of a lead's stage at a platform, due when the platform knows the click."""
    limits = destination.limits
    return event_row(
        now,
        destination=destination.name,
        stage=stage,
        transaction_id=transaction_id,
        version=1,
        kind=EventKind.CONVERSION.value,
        lead_id=lead_id,
        happened_at=stamp(happened_at),
        not_before=stamp(max(now, happened_at + limits.delay)),
        expires_at=stamp(happened_at + limits.window),
        **columns,
    )


def next_version(now: datetime, limits: Capabilities, last: Mapping[str, Any], kind: EventKind, **columns: Any) -> Row:
    """Return the version of a transaction that follows its `last`."""
    happened_at = datetime.fromisoformat(last["happened_at"])
    unchanged = ("destination", "stage", "transaction_id", "lead_id", "channel", "campaign", "happened_at")
    return event_row(
        now,
        **{name: last[name] for name in unchanged},
        version=last["version"] + 1,
        kind=kind.value,
        not_before=stamp(max(now, happened_at + limits.delay)),
        expires_at=stamp(happened_at + (limits.restate or limits.window)),
        **columns,
    )
