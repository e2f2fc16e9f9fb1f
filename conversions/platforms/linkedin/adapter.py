"""LinkedIn Conversions API.

The answer to a batch has a status for every element: a 200 for the whole says nothing. There is no field for
consent, so only events of people who agreed to both purposes are sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, PersonIdentifiers
from conversions.delivery_errors import RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload
from conversions.destination import Destination
from conversions.http_destination import JsonDestination
from conversions.identifier_normalisation import Normaliser, sha256
from conversions.platforms.linkedin.settings import LinkedInSection
from leadworth.connection_context import ConnectionContext
from leadworth.http_client import read_json
from store.event_state import EventState

if TYPE_CHECKING:
    import httpx2

NORMALISER = Normaliser()
_ROW = re.compile(r"Index: (\d+), ERROR :: ([A-Za-z_ ]{0,60})")


class LinkedInDestination(JsonDestination[LinkedInSection]):
    """Adapter of the LinkedIn Conversions API."""

    name = "linkedin"
    host: ClassVar[str] = "https://api.linkedin.com"
    limits = Capabilities(batch=5_000, window=timedelta(days=90), consents=False)

    def plan(self, event: ConversionEvent) -> Payload:
        """Return one of `elements`; see `Destination.plan`."""
        body = {
            "conversion": f"urn:lla:llaPartnerConversion:{self.actions[event.stage]}",
            "conversionHappenedAt": int(event.happened_at.timestamp() * 1000),
            "conversionValue": {"currencyCode": event.currency, "amount": str(event.value)},
            "eventId": event.transaction_id,
            "user": user(event.identity),
        }
        return Payload(event.transaction_id, "events", body)

    def url(self) -> str:
        """Return the address of conversion events."""
        return f"{self.address}/rest/conversionEvents"

    def headers(self) -> Mapping[str, str]:
        """Return token, version and method."""
        return {
            "Authorization": f"Bearer {self.section.token.get_secret_value()}",
            "LinkedIn-Version": self.section.version,
            "X-Restli-Protocol-Version": "2.0.0",
            "X-RestLi-Method": "BATCH_CREATE",
        }

    def document(self, batch: Sequence[Payload]) -> Mapping[str, Any]:
        """Return the JSON document of a batch."""
        return {"elements": [payload.body for payload in batch]}

    def results(self, answer: httpx2.Response, batch: Sequence[Payload]) -> Sequence[DeliveryResult]:
        """Return the result of each element."""
        content = read_json(answer)
        if answer.status_code >= 400:
            rows = {int(row): code.strip() or "refused" for row, code in _ROW.findall(str(content.get("message", "")))}
            raise RowsRefusedError(rows, f"HTTP {answer.status_code}")
        elements = content.get("elements")
        if not isinstance(elements, list) or len(elements) != len(batch):
            return [DeliveryResult(EventState.UNCERTAIN, "elements-missing")] * len(batch)
        return [_result(element) for element in elements]


def connect(section: LinkedInSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return LinkedInDestination(section, context.http)


def user(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the hashed address, the cookie of the click and the name.

    Raises
    ------
    EventRejected
        Where LinkedIn could not match the person.
    """
    ids = []
    if email := sha256(NORMALISER.email(identity.email)):
        ids.append({"idType": "SHA256_EMAIL", "idValue": email})
    if cookie := identity.platform_ids.get("li_fat_id"):
        ids.append({"idType": "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID", "idValue": cookie})
    if not ids:
        raise no_identifiers("LinkedIn's cookie, a valid e-mail address")
    fields: dict[str, Any] = {"userIds": ids}
    if identity.first_name and identity.last_name:
        fields["userInfo"] = {"firstName": identity.first_name.strip(), "lastName": identity.last_name.strip()}
        if identity.region:
            fields["userInfo"]["countryCode"] = identity.region.upper()
    return fields


def _result(element: Mapping[str, Any]) -> DeliveryResult:
    status = int(element.get("status", 0))
    if 200 <= status < 300:
        return DeliveryResult(EventState.ACCEPTED)
    if status in (408, 429) or status >= 500:
        return DeliveryResult(EventState.RETRY, f"HTTP {status}")
    return DeliveryResult(EventState.REJECTED, f"HTTP {status}")
