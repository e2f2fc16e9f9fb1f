"""Resubmissions: a second submit of the same form is the same lead.

A lead without an id gets one that is derived from what its submissions have in common: the token of the form and the
person, for half an hour; without a token, its content and the person, for some seconds. Any worker derives the same id,
so that submissions that arrive at once are one lead too, with one transaction at each platform.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from features.collector_payload import parse
from leadworth.errors import StoreError
from store.decision_log import first_times

if TYPE_CHECKING:
    from leadworth.records import Lead
    from serving.forms.enrichment import LeadEnrichment
    from store.decision_store import DecisionStore

log = structlog.get_logger()

SAME_TOKEN = timedelta(minutes=30)
SAME_CONTENT = timedelta(seconds=10)
SECRET_PURPOSE = "resubmission"
_DIGITS = 32
_OF_THE_SUBMIT = {"lw_data", "form_token", "lead_id"}
"""Fields that differ between two submits of the same content."""


@dataclass(frozen=True)
class Submission:
    """Id of the lead that a submission belongs to; `corrects`: its values replace those of an earlier submission."""

    lead_id: str
    corrects: bool = False


class Resubmissions:
    """Derives the ids of leads that come without one.

    Parameters
    ----------
    store
        Knows when a lead was first scored.
    enrichment
        Checks the tokens of forms.
    secret
        Key of the ids, which would tell whose they are otherwise.
    """

    def __init__(self, store: DecisionStore, enrichment: LeadEnrichment, secret: bytes) -> None:
        self._store, self._enrichment, self._secret = store, enrichment, secret

    async def identify(self, lead: Lead, now: datetime) -> Submission | None:
        """Return the lead that a submission belongs to; None where it has an id, or names no person.

        Parameters
        ----------
        lead
            As it was received.
        now
            Timezone-aware current time.
        """
        person = (lead.email or lead.phone or "").casefold()
        if lead.lead_id is not None or not person:
            return None
        nonce = self._enrichment.nonce(lead, parse(lead.lw_data) or {}, now.timestamp())
        if nonce is not None:
            return Submission(await self._of_token(nonce, person, now), corrects=True)
        return Submission(await self._of_content(lead, person, now))

    async def _of_token(self, nonce: bytes, person: str, now: datetime) -> str:
        """Return the id for a token and a person; after half an hour it is another lead."""
        first_id = self._id("token", nonce.hex(), person, 0)
        first_at = (await self._first_times([first_id])).get(first_id)
        periods = 0 if first_at is None else max(now - first_at, timedelta(0)) // SAME_TOKEN
        return first_id if periods == 0 else self._id("token", nonce.hex(), person, periods)

    async def _of_content(self, lead: Lead, person: str, now: datetime) -> str:
        """Return the id for a content and a person: that of the seconds before, if it was used then."""
        fields = {name: value for name, value in lead if name not in _OF_THE_SUBMIT and value is not None}
        content = json.dumps(fields, sort_keys=True, default=str)
        period = int(now.timestamp() // SAME_CONTENT.total_seconds())
        ids = [self._id("content", content, person, number) for number in (period - 1, period)]
        earlier = (await self._first_times(ids[:1])).get(ids[0])
        return ids[0] if earlier is not None and now - earlier <= SAME_CONTENT else ids[1]

    async def _first_times(self, ids: list[str]) -> dict[str, datetime]:
        if self._store.away is not None:
            return {}
        try:
            return await self._store.read_briefly(lambda connection: first_times(connection, ids))
        except StoreError as error:
            log.warning("earlier submissions not read", error=type(error).__name__)
            return {}

    def _id(self, *parts: object) -> str:
        content = json.dumps(parts).encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, content, hashlib.sha256).hex()[:_DIGITS]
