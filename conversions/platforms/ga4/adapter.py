"""Google Analytics 4, with its recommended lead events; through the Data Manager API, or the Measurement Protocol.

The Measurement Protocol answers 204 to everything and recognises no repetition, so an event without an
answer stays uncertain. A key event of GA4 and an imported conversion of Google Ads for the same stage
would count a lead twice: make only one of them primary.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conversions.destination import (
    Capabilities,
    ConversionEvent,
    DeliveryResult,
    EventRejected,
    Payload,
    ReceiptStatus,
    RowsRefusedError,
)
from conversions.google_data_manager import ASK_AFTER, BATCH, DataManagerClient, DataManagerDestination, product_account
from conversions.http_client import HttpClient
from conversions.platforms.google.adapter import consent_fields, rfc3339
from leadworth.export_settings import Ga4Export
from store.event_state import EventState

WINDOW = timedelta(hours=72)
_REASONS = {"lost": {"unconvert_lead_reason": "lost"}, "junk": {"disqualified_lead_reason": "junk"}}


def _client_id(event: ConversionEvent) -> str:
    """Return the browser's id at Google Analytics.

    Raises
    ------
    Refused
        Where it is not known: the event would belong to nobody.
    """
    if not event.identity.ga_client_id:
        raise EventRejected(
            "no-identifiers", "no client id of Google Analytics (cookie _ga) came with the lead", EventState.SUPPRESSED
        )
    return event.identity.ga_client_id


class Ga4Destination(DataManagerDestination):
    """The destination through the Data Manager API.

    Parameters
    ----------
    settings
        Of `[export.ga4]`.
    timeout_seconds
        Longest wait for an answer.
    """

    name = "ga4"

    def __init__(self, settings: Ga4Export, timeout_seconds: float, credentials: Path | None = None) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(batch=BATCH, window=WINDOW, ask_after=ASK_AFTER)
        destination = {
            "reference": "ga4",
            "operatingAccount": product_account("GOOGLE_ANALYTICS_PROPERTY", settings.property),
            "productDestinationId": settings.measurement,
        }
        api = DataManagerClient(settings.endpoint, settings.transport, credentials, timeout_seconds)
        super().__init__(api, [destination])

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as the Data Manager API reads it; see `Destination.plan`."""
        more = [{"parameterName": name, "value": text} for name, text in _REASONS.get(event.stage, {}).items()]
        body: dict[str, Any] = {
            "transactionId": event.transaction_id,
            "eventTimestamp": rfc3339(event.happened_at),
            "eventName": self.actions[event.stage],
            "clientId": _client_id(event),
            "conversionValue": float(event.value),
            "currency": event.currency,
            "eventSource": "WEB",
            "consent": consent_fields(event),
        }
        if more:
            body["additionalEventParameters"] = more
        return Payload(event.transaction_id, "events", body)


class MeasurementProtocol:
    """The destination through the Measurement Protocol: one request a lead, because it names one browser.

    Parameters
    ----------
    settings
        Of `[export.ga4]`.
    http
        The client.
    """

    name = "ga4"

    def __init__(self, settings: Ga4Export, http: HttpClient) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(batch=1, window=WINDOW, repeats=None)
        asked = {"measurement_id": settings.measurement, "api_secret": settings.api_secret.get_secret_value()}
        self._url = f"{settings.endpoint or 'https://www.google-analytics.com'}/mp/collect?{urlencode(asked)}"
        self._http = http

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as the Measurement Protocol reads it; see `Destination.plan`."""
        words = {True: "GRANTED", False: "DENIED"}
        parameters = {"currency": event.currency, "value": float(event.value), **_REASONS.get(event.stage, {})}
        body = {
            "client_id": _client_id(event),
            "timestamp_micros": str(int(event.happened_at.astimezone(UTC).timestamp() * 1_000_000)),
            "consent": {
                "ad_user_data": words[bool(event.consent.ad_user_data)],
                "ad_personalization": words[bool(event.consent.ad_personalization)],
            },
            "events": [{"name": self.actions[event.stage], "params": parameters}],
        }
        return Payload(event.transaction_id, "events", body)

    def validate(self, payload: Payload) -> None:
        """Let everything through: Google ships no type of it."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send one event; see `Destination.send`."""
        content = json.dumps(batch[0].body).encode()
        if not dry_run:
            answer = self._http.post(self._url, content, {"Content-Type": "application/json"})
            if answer.status_code >= 300:
                raise RowsRefusedError({}, f"HTTP {answer.status_code}")
        return [DeliveryResult(EventState.ACCEPTED)]

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: it cannot be asked."""

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
