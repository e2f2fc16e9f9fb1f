"""LinkedIn Conversions API.

The answer to a batch has a status of its own for every element: a 200 for all of it says nothing. There
is no field for consent, so only people who agreed to both purposes are told of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from conversions.destination import (
    Capabilities,
    ConversionEvent,
    DeliveryResult,
    EventRejected,
    Payload,
    PersonIdentifiers,
    ReceiptStatus,
    RowsRefusedError,
)
from conversions.http_client import HttpClient, read_json
from conversions.identifier_normalisation import LINKEDIN, sha256
from leadworth.export_settings import LinkedInExport
from store.event_state import EventState

_ROW = re.compile(r"Index: (\d+), ERROR :: ([A-Za-z_ ]{0,60})")


class LinkedInDestination:
    """The destination.

    Parameters
    ----------
    settings
        Of `[export.linkedin]`.
    http
        The client.
    """

    name = "linkedin"

    def __init__(self, settings: LinkedInExport, http: HttpClient) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(batch=5_000, window=timedelta(days=90), consents=False)
        self._url = f"{settings.endpoint or 'https://api.linkedin.com'}/rest/conversionEvents"
        self._version, self._token, self._http = settings.version, settings.token, http

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as LinkedIn reads it; see `Destination.plan`."""
        body = {
            "conversion": f"urn:lla:llaPartnerConversion:{self.actions[event.stage]}",
            "conversionHappenedAt": int(event.happened_at.timestamp() * 1000),
            "conversionValue": {"currencyCode": event.currency, "amount": str(event.value)},
            "eventId": event.transaction_id,
            "user": user(event.identity),
        }
        return Payload(event.transaction_id, "events", body)

    def validate(self, payload: Payload) -> None:
        """Let everything through: LinkedIn ships no type of it."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        content = json.dumps({"elements": [row.body for row in batch]}).encode()
        if dry_run:
            return [DeliveryResult(EventState.ACCEPTED)] * len(batch)
        headers = {
            "Authorization": f"Bearer {self._token.get_secret_value()}",
            "Content-Type": "application/json",
            "LinkedIn-Version": self._version,
            "X-Restli-Protocol-Version": "2.0.0",
            "X-RestLi-Method": "BATCH_CREATE",
        }
        answer = self._http.post(self._url, content, headers)
        told = read_json(answer)
        if answer.status_code >= 400:
            named = {int(row): code.strip() or "refused" for row, code in _ROW.findall(str(told.get("message", "")))}
            raise RowsRefusedError(named, f"HTTP {answer.status_code}")
        elements = told.get("elements")
        if not isinstance(elements, list) or len(elements) != len(batch):
            return [DeliveryResult(EventState.UNCERTAIN, "elements-missing")] * len(batch)
        return [_outcome(element) for element in elements]

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: LinkedIn cannot be asked."""

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def user(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the hashed address, the click's cookie and the name.

    Raises
    ------
    Refused
        Where LinkedIn could not find the person by any of them.
    """
    ids = []
    if email := sha256(LINKEDIN.email(identity.email)):
        ids.append({"idType": "SHA256_EMAIL", "idValue": email})
    if identity.li_fat_id:
        ids.append({"idType": "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "idValue": identity.li_fat_id})
    if not ids:
        raise EventRejected(
            "no-identifiers", "neither LinkedIn's cookie nor a valid e-mail address", EventState.SUPPRESSED
        )
    found: dict[str, Any] = {"userIds": ids}
    if identity.first_name and identity.last_name:
        found["userInfo"] = {"firstName": identity.first_name.strip(), "lastName": identity.last_name.strip()}
        if identity.region:
            found["userInfo"]["countryCode"] = identity.region.upper()
    return found


def _outcome(element: Mapping[str, Any]) -> DeliveryResult:
    status = int(element.get("status", 0))
    if 200 <= status < 300:
        return DeliveryResult(EventState.ACCEPTED)
    if status in (408, 429) or status >= 500:
        return DeliveryResult(EventState.RETRY, f"HTTP {status}")
    return DeliveryResult(EventState.REJECTED, f"HTTP {status}")
