"""Scoring of leads over HTTP: complete a lead, decide about it, store the decision, then answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conversions.outbox_writer import NO_ROWS, OutboxWriter
from conversions.person_entry import person_entry
from leadworth.encryption import IdentifierCipher
from serving import service_metrics
from serving.champion import Champion, Loaded
from serving.forms.enrichment import LeadEnrichment
from serving.forms.resubmission import Resubmissions
from serving.idempotency import Idempotency
from serving.problems import Problem
from serving.scoring import ExplorationRate, decide, origin_columns, row_of
from store.decision_store import DecisionStore
from store.spool import StoreEntry

if TYPE_CHECKING:
    from leadworth.channel_groups import ChannelGroups
    from leadworth.records import Lead


@dataclass(frozen=True)
class ScoringService:
    """The parts that a scoring call uses.

    Attributes
    ----------
    champion
        Model in use.
    store
        Decision store.
    idempotency
        Answers by Idempotency-Key.
    enrichment
        Fields that the service adds to a lead.
    exploration
        Share of rejected leads that is accepted.
    cipher
        Makes the digests by which a person's leads are found for erasure.
    resubmissions
        Finds the lead that a second submit of a form belongs to.
    channels
        Assigns the channel of a lead.
    outbox
        Events for the ad platforms; None if the settings name no platform.
    """

    champion: Champion
    store: DecisionStore
    idempotency: Idempotency
    enrichment: LeadEnrichment
    exploration: ExplorationRate
    cipher: IdentifierCipher
    resubmissions: Resubmissions
    channels: ChannelGroups
    outbox: OutboxWriter | None = None

    @property
    def degraded(self) -> dict[str, str]:
        """Unavailable parts with the kind of their error; scoring goes on without them."""
        parts = {
            "registry": self.champion.away,
            "store": self.store.away,
            "spool": self.store.spool_error,
            "history": self.enrichment.velocity.away,
        }
        return {name: error for name, error in parts.items() if error is not None}

    @property
    def model(self) -> Loaded:
        """Model in use.

        Raises
        ------
        Problem
            503 if none could be loaded.
        """
        current = self.champion.current
        if current is None:
            raise Problem(
                503,
                "no-champion",
                "no model is loaded; what to do: `leadworth train`, `leadworth models promote`, then try again",
                {"Retry-After": "10"},
            )
        return current

    async def decide(
        self,
        lead: Lead,
        request_id: str,
        *,
        caller: str | None = None,
        idempotency_key: str | None = None,
        age_days: float | None = None,
        resubmits: bool = False,
    ) -> tuple[dict[str, Any], StoreEntry]:
        """Complete a lead and decide about it.

        Parameters
        ----------
        lead
            As it was received.
        request_id
            Id of the HTTP request.
        caller
            Id of the key of a server that posts leads as they are sent; its clock is compared. None for others.
        idempotency_key
            Digest of the Idempotency-Key.
        age_days
            Days that the lead has been open; None scores it as at submit.
        resubmits
            The same content, or a token that the same person sent before, is the same lead.

        Returns
        -------
        tuple[dict[str, Any], StoreEntry]
            Fields of its `Score`, with ``reasons`` as JSON text; and the rows to store.
        """
        bundle = self.model.bundle
        now = datetime.now(UTC)
        submission = await self.resubmissions.identify(lead, now) if resubmits else None
        if submission is not None:
            lead = lead.model_copy(update={"lead_id": submission.lead_id})
        lead, event = await self.enrichment.complete(lead, now, caller)
        decision = decide(bundle, lead, now, self.exploration, age_days)
        service_metrics.count(decision.score, bundle.policy.verdict.review_junk)
        origin = origin_columns(lead, self.channels, self.cipher)
        row = row_of(decision, origin, request_id=request_id, idempotency_key=idempotency_key)
        events = self.outbox.rows(lead, decision.score, now, decision.would_be) if self.outbox else NO_ROWS
        person = person_entry(self.cipher, lead.__dict__, event)
        corrects = submission is not None and submission.corrects
        outbox = {"person_index": [person], **events}
        return decision.score, StoreEntry([row], outbox=outbox, velocity=[event], corrects=corrects)
