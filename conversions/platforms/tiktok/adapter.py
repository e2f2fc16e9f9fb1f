"""TikTok Events API 2.0, events of a CRM. It answers 200 with a code of its own; only 0 means accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, PersonIdentifiers
from conversions.delivery_errors import RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from conversions.http_destination import JsonDestination
from conversions.identifier_normalisation import Normaliser, sha256
from conversions.platforms.tiktok.settings import TikTokSection
from leadworth.connection_context import ConnectionContext
from leadworth.http_client import HttpClient, read_json
from leadworth.http_errors import BusyError, UnauthorisedError

if TYPE_CHECKING:
    import httpx2

NORMALISER = Normaliser()
REPEATS = timedelta(hours=48)
_BUSY = {40100, 50000, 50002}
_UNAUTHORISED = {40001, 40102, 40104, 40105}


class TikTokDestination(JsonDestination[TikTokSection]):
    """Adapter of the TikTok Events API."""

    name = "tiktok"
    host: ClassVar[str] = "https://business-api.tiktok.com"

    def __init__(self, section: TikTokSection, http: HttpClient) -> None:
        super().__init__(section, http)
        self.limits = Capabilities(batch=1_000, window=timedelta(days=section.window_days), repeats=REPEATS)

    def plan(self, event: ConversionEvent) -> Payload:
        """Return an element of `data`; see `Destination.plan`."""
        body = {
            "event": self.actions[event.stage],
            "event_time": int(event.happened_at.timestamp()),
            "event_id": event.transaction_id,
            "user": user(event.identity),
            "properties": {"value": float(event.value), "currency": event.currency},
            "lead": {"lead_id": event.transaction_id, "lead_event_source": self.section.crm},
            "limited_data_use": not event.consent.ad_personalization,
        }
        return Payload(event.transaction_id, "events", body)

    def url(self) -> str:
        """Return the address of events."""
        return f"{self.address}/open_api/{self.section.version}/event/track/"

    def headers(self) -> Mapping[str, str]:
        """Return the token."""
        return {"Access-Token": self.section.token.get_secret_value()}

    def document(self, batch: Sequence[Payload]) -> Mapping[str, Any]:
        """Return the JSON document of a batch."""
        events = [payload.body for payload in batch]
        return {"event_source": "crm", "event_source_id": self.section.event_set, "data": events}

    def results(self, answer: httpx2.Response, batch: Sequence[Payload]) -> Sequence[DeliveryResult]:
        """Return one result for all: TikTok accepts a batch as a whole."""
        content = read_json(answer)
        code = content.get("code")
        if code == 0:
            return accepted(batch, str(content.get("request_id", "")))
        if code in _BUSY:
            raise BusyError(str(code))
        if code in _UNAUTHORISED:
            raise UnauthorisedError(str(code))
        raise RowsRefusedError({}, str(code))


def connect(section: TikTokSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return TikTokDestination(section, context.http)


def user(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the hashed person and the click id.

    Raises
    ------
    EventRejected
        Where TikTok could not match the person.
    """
    fields: dict[str, Any] = {}
    if email := sha256(NORMALISER.email(identity.email)):
        fields["email"] = [email]
    if phone := sha256(NORMALISER.phone(identity.phone, identity.region)):
        fields["phone"] = [phone]
    if click := identity.platform_ids.get("ttclid"):
        fields["ttclid"] = click
    if not fields:
        raise no_identifiers("TikTok's click id, a valid e-mail address, a valid phone number")
    return fields | {name: text for name in ("ip", "user_agent") if (text := getattr(identity, name))}
