"""Google Analytics 4, with its recommended lead events; through the Data Manager API, or the Measurement Protocol.

The Measurement Protocol answers 204 to everything and does not recognise repeated events, so an event without an
answer stays in doubt. A key event of GA4 and an imported conversion of Google Ads for the same stage would count a
lead twice: make only one of them primary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, consent_fields
from conversions.delivery_errors import RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from conversions.google_data_manager import (
    ASK_AFTER,
    BATCH,
    DataManagerClient,
    DataManagerDestination,
    product_account,
    rfc3339,
)
from conversions.http_destination import JsonDestination
from conversions.platforms.ga4.settings import Ga4Section
from leadworth.connection_context import ConnectionContext

if TYPE_CHECKING:
    import httpx2

WINDOW = timedelta(hours=72)
_REASONS = {"lost": {"unconvert_lead_reason": "lost"}, "junk": {"disqualified_lead_reason": "junk"}}


def _client_id(event: ConversionEvent) -> str:
    """Return the browser's id at Google Analytics.

    Raises
    ------
    EventRejected
        Where it is not known.
    """
    if client_id := event.identity.platform_ids.get("ga_client_id"):
        return client_id
    raise no_identifiers("a client id of Google Analytics (cookie _ga)")


class Ga4Destination(DataManagerDestination):
    """Adapter of GA4 through the Data Manager API."""

    name = "ga4"
    limits = Capabilities(batch=BATCH, window=WINDOW, ask_after=ASK_AFTER)

    def __init__(self, section: Ga4Section, api: DataManagerClient) -> None:
        destination = {
            "reference": "ga4",
            "operatingAccount": product_account("GOOGLE_ANALYTICS_PROPERTY", section.property),
            "productDestinationId": section.measurement,
        }
        super().__init__(section.actions.named(), api, [destination])

    def plan(self, event: ConversionEvent) -> Payload:
        """Return one of `events`; see `Destination.plan`."""
        body: dict[str, Any] = {
            "transactionId": event.transaction_id,
            "eventTimestamp": rfc3339(event.happened_at),
            "eventName": self.actions[event.stage],
            "clientId": _client_id(event),
            "conversionValue": float(event.value),
            "currency": event.currency,
            "eventSource": "WEB",
            "consent": consent_fields(event.consent, prefix="CONSENT_"),
        }
        if reasons := _REASONS.get(event.stage):
            body["additionalEventParameters"] = [
                {"parameterName": name, "value": text} for name, text in reasons.items()
            ]
        return Payload(event.transaction_id, "events", body)


class MeasurementProtocolDestination(JsonDestination[Ga4Section]):
    """Adapter of GA4 through the Measurement Protocol; a request names one browser, so it holds one event."""

    name = "ga4"
    host: ClassVar[str] = "https://www.google-analytics.com"
    limits = Capabilities(batch=1, window=WINDOW, repeats=None)

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the body of a request; see `Destination.plan`."""
        parameters = {"currency": event.currency, "value": float(event.value), **_REASONS.get(event.stage, {})}
        body = {
            "client_id": _client_id(event),
            "timestamp_micros": str(int(event.happened_at.astimezone(UTC).timestamp() * 1_000_000)),
            "consent": consent_fields(event.consent, ("ad_user_data", "ad_personalization")),
            "events": [{"name": self.actions[event.stage], "params": parameters}],
        }
        return Payload(event.transaction_id, "events", body)

    def url(self) -> str:
        """Return the address, which holds the secret."""
        query = {
            "measurement_id": self.section.measurement,
            "api_secret": self.section.api_secret.get_secret_value(),
        }
        return f"{self.address}/mp/collect?{urlencode(query)}"

    def document(self, batch: Sequence[Payload]) -> Mapping[str, Any]:
        """Return the one event."""
        return batch[0].body

    def results(self, answer: httpx2.Response, batch: Sequence[Payload]) -> Sequence[DeliveryResult]:
        """Return ACCEPTED: the Measurement Protocol says nothing more."""
        if answer.status_code >= 300:
            raise RowsRefusedError({}, f"HTTP {answer.status_code}")
        return accepted(batch)


def connect(section: Ga4Section, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    if section.via == "measurement_protocol":
        return MeasurementProtocolDestination(section, context.http)
    api = DataManagerClient.of(section.endpoint, section.transport, section.credentials, context)
    return Ga4Destination(section, api)
