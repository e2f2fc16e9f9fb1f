"""A made-up API that replaces the value of a conversion that is sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from conversions.platforms.reddit.settings import RedditSection

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent
from conversions.delivery_errors import RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from conversions.http_destination import JsonDestination
from conversions.identifier_normalisation import Normaliser, sha256
from leadworth.connection_context import ConnectionContext

if TYPE_CHECKING:
    import httpx2

NORMALISER = Normaliser(gmail=True)


class RedditDestination(JsonDestination[RedditSection]):
    """Adapter of the made-up API."""

    name = "reddit"
    host: ClassVar[str] = "https://ads.example"
    limits = Capabilities(batch=500, window=timedelta(days=28), restate=timedelta(days=28))

    def plan(self, event: ConversionEvent) -> Payload:
        """Return one of `events`; see `Destination.plan`."""
        person = {
            "click_id": event.identity.platform_ids.get("rdt_cid"),
            "email": sha256(NORMALISER.email(event.identity.email)),
        }
        body = {
            "event_at": int(event.happened_at.timestamp()),
            "tracking_type": self.actions[event.stage],
            "conversion_id": event.transaction_id,
            "value": float(event.value),
            "currency": event.currency,
            "user": {name: text for name, text in person.items() if text},
        }
        if not body["user"]:
            raise no_identifiers("rdt_cid, a valid e-mail address")
        return Payload(event.transaction_id, "events", body)

    def url(self) -> str:
        """Return the address of events."""
        return f"{self.address}/reddit/{self.section.version}/{self.section.advertiser}"

    def headers(self) -> Mapping[str, str]:
        """Return the token."""
        return {"Authorization": f"Bearer {self.section.token.get_secret_value()}"}

    def document(self, batch: Sequence[Payload]) -> Mapping[str, Any]:
        """Return the JSON document of a batch."""
        return {"events": [payload.body for payload in batch]}

    def results(self, answer: httpx2.Response, batch: Sequence[Payload]) -> Sequence[DeliveryResult]:
        """Return one result for all."""
        if answer.status_code >= 400:
            raise RowsRefusedError({}, f"HTTP {answer.status_code}")
        return accepted(batch)


def connect(section: RedditSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return RedditDestination(section, context.http)
