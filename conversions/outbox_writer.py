"""What a lead that was just decided adds to the ledger, in the same transaction as the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import EventKind
from conversions.person_identifiers import consent_of, identity_of, written
from leadworth.money import amount
from leadworth.records import Verdict
from store import consents
from store.idempotency_records import stamp
from store.outbox import Row, Rows, event_row

if TYPE_CHECKING:
    from conversions.destination import Destination
    from conversions.encryption import IdentifierCipher
    from leadworth.records import Lead

NOTHING: Rows = {}


@dataclass(frozen=True)
class OutboxWriter:
    """Makes the rows of new leads.

    Attributes
    ----------
    destinations
        Platforms by name; those without an action for new leads are told nothing yet.
    seal
        Of the installation.
    keep_days
        How long identifiers are kept for later versions.
    """

    destinations: Mapping[str, Destination]
    seal: IdentifierCipher
    keep_days: float

    def rows(self, lead: Lead, score: Mapping[str, Any], now: datetime, would_be: str) -> Rows:
        """Return what a decision adds; no event for a lead that was rejected, or passes only to be learned from.

        Parameters
        ----------
        lead
            As completed by the service.
        score
            Fields of its `Score`.
        now
            Aware.
        would_be
            Its verdict without the share that always passes.
        """
        lead_id, happened = lead.lead_id or "", min(lead.submitted_at or now, now)
        sealed = sealed_lead(self.seal, lead.__dict__)
        person = self.person(lead.__dict__, sealed, happened)
        agreed = consents.rows_of(lead_id, consent_of(lead.__dict__), lead.consent_source, now)
        found = {"export_people": [person], "consents": agreed}
        if would_be == Verdict.REJECT.value:
            return found
        events = [
            first_event(
                now, destination, "lead", lead_id, self.seal.transaction(lead_id, "lead"), happened,
                value=str(amount(score["predicted_value"], score["currency"])), currency=score["currency"],
                expected=True, payload=sealed, channel=lead.source, campaign=lead.campaign,
                model_version=score["model_version"],
            )
            for destination in self.destinations.values()
            if "lead" in destination.actions
        ]  # fmt: skip
        return {**found, "export_events": events}

    def person(self, fields: Mapping[str, Any], sealed: str, submitted_at: datetime) -> Row:
        """Return the row that keeps a lead's identifiers, sealed."""
        email = fields.get("email")
        return {
            "lead_id": fields["lead_id"],
            "pseudonym": self.seal.pseudonym(email) if isinstance(email, str) and email else None,
            "sealed": sealed,
            "region": identity_of(fields).region,
            "submitted_at": stamp(submitted_at),
            "keep_until": stamp(submitted_at + timedelta(days=self.keep_days)),
        }


def sealed_lead(seal: IdentifierCipher, fields: Mapping[str, Any]) -> str:
    """Return all of a lead that a platform may be told, sealed."""
    clicked = fields.get("clicked_at")
    content: dict[str, Any] = {"identity": written(identity_of(fields))}
    if isinstance(clicked, datetime):
        content["clicked_at"] = stamp(clicked)
    if isinstance(entry := fields.get("entry"), str):
        content["entry"] = entry
    return seal.close(content)


def first_event(
    now: datetime, destination: Destination, stage: str, lead_id: str, transaction: str, happened: datetime, **more: Any
) -> Row:
    """Return the first version of a stage at a platform, due when the platform knows the click."""
    limits = destination.limits
    return event_row(
        now, destination=destination.name, stage=stage, transaction_id=transaction, version=1,
        kind=EventKind.CONVERSION.value, lead_id=lead_id, happened_at=stamp(happened),
        not_before=stamp(max(now, happened + limits.delay)), expires_at=stamp(happened + limits.window), **more,
    )  # fmt: skip


def later_version(now: datetime, limits: Capabilities, last: Mapping[str, Any], kind: EventKind, **more: Any) -> Row:
    """Return the next version of a transaction."""
    happened = datetime.fromisoformat(last["happened_at"])
    same = {name: last[name] for name in ("destination", "stage", "transaction_id", "lead_id", "channel", "campaign")}
    return event_row(
        now, **same, version=last["version"] + 1, kind=kind.value, happened_at=last["happened_at"],
        not_before=stamp(max(now, happened + limits.delay)),
        expires_at=stamp(happened + (limits.restate or limits.window)), **more,
    )  # fmt: skip
