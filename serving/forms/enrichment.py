"""Add to a lead what the service itself knows of it: its token, and the leads before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from features.collector import parse
from features.history import keys_of
from leadworth.key_derivation import key_for
from leadworth.records import CLICK_IDS, Lead, reader_of
from serving.forms.signed_token import TokenCheck, TokenSigner

if TYPE_CHECKING:
    from leadworth.settings import Settings
    from serving.velocity.velocity_store import VelocityStore

ALL = "*"
_TOUCHES = {
    name: reader_of(name)
    for name in (*CLICK_IDS, "source", "medium", "campaign", "term", "content", "landing_page", "referrer")
}
_read_token = reader_of("form_token")


@dataclass(frozen=True)
class LeadEnrichment:
    """What completes leads.

    Attributes
    ----------
    signer
        Of the forms' tokens.
    history
        Remembers the leads before.
    protected
        Forms that carry the collector, without case.
    """

    signer: TokenSigner
    history: VelocityStore
    protected: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, history: VelocityStore) -> LeadEnrichment:
        """Return what the settings ask for."""
        forms = settings.forms
        keys = [key.get_secret_value().encode() for key in forms.keys] or [key_for(settings, "form-token")]
        signer = TokenSigner(keys, forms.token_hours * 3_600, forms.fresh_hours * 3_600)
        return cls(signer, history, frozenset(name.casefold() for name in forms.protected))

    async def complete(self, lead: Lead) -> Lead:
        """Return the lead with the state of its token, the server's time at the form, counts and touched click ids.

        What the lead brings along itself stays, but for the token's state and time: they are ours to say.

        Parameters
        ----------
        lead
            With an id and a time of submit.
        """
        at = lead.submitted_at.timestamp() if lead.submitted_at else 0.0
        seen = parse(lead.lw_data) or {}
        checked = self._checked(lead, seen, at)
        nonce = checked.nonce if checked else None
        keys = keys_of(lead.__dict__)
        # Whoever sends the same page once more, corrected or after an error, does not replay its token.
        known = await self.history.observe(keys, at, nonce, keys.person)
        more: dict[str, Any] = {
            name: count
            for name, count in known.counts.items()
            if count == count and getattr(lead, name) is None  # noqa: PLR0124 - nan
        }
        if checked is not None:
            more["token_state"] = "replayed" if known.replayed else checked.state
            if checked.state != "missing":
                more["form_seconds"] = checked.seconds
        return lead.model_copy(update=more | _touched(lead, seen))

    def _checked(self, lead: Lead, seen: Mapping[str, Any], at: float) -> TokenCheck | None:
        """Return what the token says; None where the lead has none and its form need not have one."""
        token = lead.form_token or _read_token(seen.get("t"))
        expected = ALL in self.protected or (lead.form_id or "").casefold() in self.protected
        return self.signer.check(token, lead.form_id, at) if token or expected else None


def _touched(lead: Lead, seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the last touch, else the first, tells of the visit and the lead itself does not."""
    touches = [touch for name in ("last", "first") if isinstance(touch := seen.get(name), dict)]
    found: dict[str, Any] = {}
    for touch in touches:
        for name, read in _TOUCHES.items():
            value = read(touch.get(name))
            if value is not None and name not in found and getattr(lead, name) is None:
                found[name] = value
    return found
