"""Fields that the service adds to a lead: state of its token, velocity counts, click ids of its visit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.collected_touches import missing_touch_values
from features.collector_payload import parse
from features.velocity_keys import SECRET_PURPOSE, keys_of, micros
from leadworth.ids import new_id
from leadworth.key_derivation import key_for
from leadworth.records import Lead, reader_of
from serving.caller_clocks import CLOCK_FILE, FORM_TOKENS, CallerClocks
from serving.forms.signed_token import MAX_CLOCK_SKEW_SECONDS, TokenCheck, TokenSigner
from serving.submit_time import SubmitTime, submit_time
from store.velocity_events import VelocityEvent

if TYPE_CHECKING:
    from datetime import datetime

    from leadworth.settings import Settings
    from serving.velocity.velocity_store import VelocityStore

ALL_FORMS = "*"
_read_token = reader_of("form_token")


@dataclass(frozen=True)
class LeadEnrichment:
    """Completes leads.

    Attributes
    ----------
    signer
        Of the forms' tokens.
    velocity
        Counts of recent leads.
    clocks
        Clocks of the callers.
    protected
        Casefolded ids of the forms that carry the collector.
    unprotected
        Casefolded ids of the forms that do not; where `protected` names forms, others on the public route should carry
        it.
    velocity_secret
        Key of the digests in velocity events.
    """

    signer: TokenSigner
    velocity: VelocityStore
    clocks: CallerClocks
    protected: frozenset[str]
    unprotected: frozenset[str] = frozenset()
    velocity_secret: bytes = b""

    @classmethod
    def of(cls, settings: Settings, velocity: VelocityStore) -> LeadEnrichment:
        """Return the enrichment that the settings ask for."""
        forms = settings.forms
        keys = [key.get_secret_value().encode() for key in forms.keys] or [key_for(settings, "form-token")]
        signer = TokenSigner(keys, forms.token_hours * 3_600, forms.fresh_hours * 3_600)
        protected, unprotected = (
            frozenset(name.casefold() for name in names) for names in (forms.protected, forms.unprotected)
        )
        clocks = CallerClocks(settings.resolve(CLOCK_FILE))
        return cls(signer, velocity, clocks, protected, unprotected, key_for(settings, SECRET_PURPOSE))

    async def complete(self, lead: Lead, received: datetime, caller: str | None = None) -> tuple[Lead, VelocityEvent]:
        """Return the lead with id, time of submit, token state, time at the form, velocity counts and its visit.

        Fields that the lead already has are kept, except state and time of the token, which only the service sets, and
        the time of submit, which is that of the service for a lead posted as it is sent.

        Parameters
        ----------
        lead
            As received.
        received
            When it arrived.
        caller
            Id of the key of the server whose clock stated the time of submit; None where that clock is not compared.

        Returns
        -------
        tuple
            The lead, and its velocity event, to be stored with the decision.
        """
        collected = parse(lead.lw_data) or {}
        token = self._check_token(lead, collected, received.timestamp())
        submitted = submit_time(lead.submitted_at, received, token.issued_at if token else None)
        self._note_clocks(submitted, received.timestamp(), token, caller)
        if token is not None and submitted.at != received:
            token = self._check_token(lead, collected, submitted.at.timestamp())
        at = micros(submitted.at)
        nonce = int.from_bytes(token.nonce, "little", signed=True) if token and token.nonce else None
        identity = {"lead_id": lead.lead_id or new_id(), "submitted_at": submitted.at}
        keys = keys_of(lead.__dict__ | identity, self.velocity_secret)
        # A token belongs to the person: whoever sends the same page again, after an error, does not replay it.
        observed = await self.velocity.observe(keys, at, nonce)
        added: dict[str, Any] = {
            name: count
            for name, count in observed.counts.items()
            if not math.isnan(count) and getattr(lead, name) is None
        }
        if token is not None:
            added["token_state"] = "replayed" if observed.replayed else token.state
            if token.state != "missing":
                added["form_seconds"] = token.seconds
        event = VelocityEvent(at, keys.person, keys.packed(), keys.domain, nonce)
        return lead.model_copy(update=identity | added | missing_touch_values(lead)), event

    def _note_clocks(
        self, submitted: SubmitTime, received: float, token: TokenCheck | None, caller: str | None
    ) -> None:
        if caller is not None and submitted.behind_seconds is not None:
            self.clocks.note(caller, submitted.behind_seconds)
        if token is not None and token.issued_at is not None and token.issued_at > received + MAX_CLOCK_SKEW_SECONDS:
            self.clocks.note(FORM_TOKENS, received - token.issued_at)

    def nonce(self, lead: Lead, collected: Mapping[str, Any], at: float) -> bytes | None:
        """Return the nonce of a lead's token, if it was signed for its form and is not expired."""
        token = lead.form_token or _read_token(collected.get("t"))
        check = self.signer.check(token, lead.form_id, at)
        return check.nonce if check.state == "ok" else None

    def _check_token(self, lead: Lead, collected: Mapping[str, Any], at: float) -> TokenCheck | None:
        """Return the check of the lead's token; None if there is no token and its form does not need one."""
        token = lead.form_token or _read_token(collected.get("t"))
        return self.signer.check(token, lead.form_id, at) if token or self._must_have_token(lead) else None

    def _must_have_token(self, lead: Lead) -> bool:
        """Return whether a missing token is a signal; a made-up name of a form does not avoid it."""
        form = (lead.form_id or "").casefold()
        if ALL_FORMS in self.protected or form in self.protected:
            return True
        return lead.entry == "form" and bool(self.protected) and form not in self.unprotected
