"""Fields that the service adds to a lead: state of its token, velocity counts, click ids of its visit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.behavioural_signals import parse
from features.collected_touches import missing_touch_values
from features.velocity_keys import SECRET_PURPOSE, keys_of, micros
from leadworth.key_derivation import key_for
from leadworth.records import Lead, reader_of
from serving.forms.signed_token import TokenCheck, TokenSigner
from store.velocity_events import VelocityEvent

if TYPE_CHECKING:
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
        return cls(signer, velocity, protected, unprotected, key_for(settings, SECRET_PURPOSE))

    async def complete(self, lead: Lead) -> tuple[Lead, VelocityEvent]:
        """Return the lead with token state, time at the form, velocity counts and the click ids of its visit.

        Fields that the lead already has are kept, except state and time of the token, which only the service sets.

        Parameters
        ----------
        lead
            With an id and a time of submit.

        Returns
        -------
        tuple
            The lead, and its velocity event, to be stored with the decision.

        Raises
        ------
        ValueError
            If the lead has no time of submit.
        """
        if lead.submitted_at is None:
            raise ValueError("the lead has no time of submit; allowed: a lead with identity")
        at = micros(lead.submitted_at)
        collected = parse(lead.lw_data) or {}
        token = self._check_token(lead, collected, lead.submitted_at.timestamp())
        nonce = int.from_bytes(token.nonce, "little", signed=True) if token and token.nonce else None
        keys = keys_of(lead.__dict__, self.velocity_secret)
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
        return lead.model_copy(update=added | missing_touch_values(lead)), event

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
