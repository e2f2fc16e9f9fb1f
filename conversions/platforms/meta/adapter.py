"""Meta Conversions API, with the stages of a CRM.

Meta adds up what it is sent: later stages send increments under their own event names. One event older than seven
days makes it refuse the whole request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from conversions.ad_clicks import latest_click
from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent
from conversions.delivery_errors import RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from conversions.http_destination import JsonDestination
from conversions.identifier_normalisation import Normaliser, sha256
from conversions.platforms.meta.settings import MetaSection
from leadworth.connection_context import ConnectionContext
from leadworth.http_client import read_json
from leadworth.http_errors import BusyError, UnauthorisedError
from store.event_state import EventState

if TYPE_CHECKING:
    import httpx2

NORMALISER = Normaliser(plus=False)
WINDOW = timedelta(days=7) - timedelta(minutes=10)
"""Seven days, less the longest time between planning and arrival: one event too old costs the whole batch."""
REPEATS = timedelta(hours=48)
_BUSY = {1, 2, 4, 17, 341, 80004}
_UNAUTHORISED = {10, 102, 190, 200}


class MetaDestination(JsonDestination[MetaSection]):
    """Adapter of the Meta Conversions API."""

    name = "meta"
    host: ClassVar[str] = "https://graph.facebook.com"
    limits = Capabilities(batch=1_000, window=WINDOW, repeats=REPEATS)

    def plan(self, event: ConversionEvent) -> Payload:
        """Return an element of `data`; see `Destination.plan`."""
        personal = bool(event.consent.ad_personalization)
        body: dict[str, Any] = {
            "event_name": self.actions[event.stage],
            "event_time": int(event.happened_at.timestamp()),
            "event_id": event.transaction_id,
            "action_source": "system_generated",
            "user_data": user_data(event),
            "custom_data": {
                "event_source": "crm",
                "lead_event_source": self.section.crm,
                "value": float(event.value),
                "currency": event.currency,
            },
            "opt_out": not personal,
            "data_processing_options": [] if personal else ["LDU"],
        }
        if not personal:
            body |= {"data_processing_options_country": 0, "data_processing_options_state": 0}
        return Payload(event.transaction_id, "events", body)

    def url(self) -> str:
        """Return the address of the dataset's events."""
        return f"{self.address}/{self.section.version}/{self.section.dataset}/events"

    def headers(self) -> Mapping[str, str]:
        """Return the token as a header: an address is logged on its way."""
        return {"Authorization": f"Bearer {self.section.token.get_secret_value()}"}

    def document(self, batch: Sequence[Payload]) -> Mapping[str, Any]:
        """Return the JSON document of a batch."""
        return {"data": [payload.body for payload in batch], "partner_agent": "leadworth"}

    def results(self, answer: httpx2.Response, batch: Sequence[Payload]) -> Sequence[DeliveryResult]:
        """Return one result for all: Meta accepts a batch as a whole."""
        content = read_json(answer)
        if answer.status_code >= 400:
            raise _error(content, answer.status_code)
        if content.get("events_received") != len(batch):
            return [DeliveryResult(EventState.UNCERTAIN, "received-fewer")] * len(batch)
        return accepted(batch, str(content.get("fbtrace_id", "")))


def connect(section: MetaSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    return MetaDestination(section, context.http)


def user_data(event: ConversionEvent) -> dict[str, Any]:
    """Return the hashed person, the cookies and the id of a lead ad.

    Raises
    ------
    EventRejected
        Where Meta could not match the person.
    """
    identity, ids = event.identity, event.identity.platform_ids
    hashed = {
        "em": NORMALISER.email(identity.email),
        "ph": NORMALISER.phone(identity.phone, identity.region),
        "fn": NORMALISER.name(identity.first_name),
        "ln": NORMALISER.name(identity.last_name),
        "country": identity.region.lower() if identity.region else None,
    }
    fields: dict[str, Any] = {name: [sha256(text)] for name, text in hashed.items() if text}
    click = ids.get("fbc")
    if latest_click(identity, ("fbc", "fbclid")) == "fbclid":
        clicked_at = identity.click_times.get("fbclid", event.happened_at)
        click = f"fb.1.{int(clicked_at.timestamp() * 1000)}.{ids['fbclid']}"
    cookies = {"fbc": click, "fbp": ids.get("fbp")}
    fields |= {name: text for name, text in cookies.items() if text}
    plain = {"client_ip_address": identity.ip, "client_user_agent": identity.user_agent}
    fields |= {name: text for name, text in plain.items() if text}
    if lead_id := ids.get("meta_lead_id"):
        fields["lead_id"] = int(lead_id)
    if not fields.keys() & {"em", "ph", "fbc", "fbp", "lead_id"}:
        raise no_identifiers("a lead id, a cookie of Meta, a valid e-mail address, a valid phone number")
    return fields


def _error(content: Mapping[str, Any], status: int) -> Exception:
    """Return the error that an answer means for the batch."""
    error = content.get("error")
    error = error if isinstance(error, dict) else {}
    number = error.get("code")
    code = f"{number}/{error.get('error_subcode', '')}" if number is not None else f"HTTP {status}"
    if error.get("is_transient") or number in _BUSY:
        return BusyError(code)
    if number in _UNAUTHORISED:
        return UnauthorisedError(code)
    return RowsRefusedError({}, code)
