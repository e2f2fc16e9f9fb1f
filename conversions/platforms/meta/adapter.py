"""Meta Conversions API, with the stages of a CRM.

Meta counts what it is sent: later stages send increments under their own event names. One event older
than seven days makes it refuse the whole request. Its normal form of an address is not Google's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from conversions.destination import (
    BusyError,
    Capabilities,
    ConversionEvent,
    DeliveryResult,
    EventRejected,
    Payload,
    PersonIdentifiers,
    ReceiptStatus,
    RowsRefusedError,
    UnauthorisedError,
)
from conversions.http_client import HttpClient, read_json
from conversions.identifier_normalisation import META, sha256
from leadworth.export_settings import MetaExport
from store.event_state import EventState

WINDOW = timedelta(days=7) - timedelta(minutes=10)
"""Seven days, less the time a request may wait on its way: one event too old costs all of them."""
REPEATS = timedelta(hours=48)
_COOKIE = re.compile(r"fb\.\d\.\d{10,13}\.\S+")
_LEAD_ID = re.compile(r"\d{15,16}")
_BUSY = {1, 2, 4, 17, 341, 80004}
_UNAUTHORISED = {10, 102, 190, 200}


class MetaDestination:
    """The destination.

    Parameters
    ----------
    settings
        Of `[export.meta]`.
    http
        The client.
    """

    name = "meta"

    def __init__(self, settings: MetaExport, http: HttpClient) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(batch=1_000, window=WINDOW, repeats=REPEATS)
        self._url = f"{settings.endpoint or 'https://graph.facebook.com'}/{settings.version}/{settings.dataset}/events"
        self._token, self._crm, self._http = settings.token, settings.crm, http

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as Meta reads it; see `Destination.plan`."""
        personal = bool(event.consent.ad_personalization)
        body: dict[str, Any] = {
            "event_name": self.actions[event.stage],
            "event_time": int(event.happened_at.timestamp()),
            "event_id": event.transaction_id,
            "action_source": "system_generated",
            "user_data": user_data(event.identity, event),
            "custom_data": {
                "event_source": "crm",
                "lead_event_source": self._crm,
                "value": float(event.value),
                "currency": event.currency,
            },
            "opt_out": not personal,
            "data_processing_options": [] if personal else ["LDU"],
        }
        if not personal:
            body |= {"data_processing_options_country": 0, "data_processing_options_state": 0}
        return Payload(event.transaction_id, "events", body)

    def validate(self, payload: Payload) -> None:
        """Let everything through: `plan` makes nothing else, and Meta ships no type for it."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`. The token stands in a header, never in the address."""
        content = json.dumps({"data": [row.body for row in batch], "partner_agent": "leadworth"}).encode()
        if dry_run:
            return [DeliveryResult(EventState.ACCEPTED)] * len(batch)
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}", "Content-Type": "application/json"}
        answer = self._http.post(self._url, content, headers)
        told = read_json(answer)
        if answer.status_code >= 400:
            raise _meaning(told, answer.status_code)
        if told.get("events_received") != len(batch):
            return [DeliveryResult(EventState.UNCERTAIN, "received-fewer")] * len(batch)
        return [DeliveryResult(EventState.ACCEPTED, receipt=str(told.get("fbtrace_id", "")))] * len(batch)

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: Meta cannot be asked."""

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def user_data(identity: PersonIdentifiers, event: ConversionEvent) -> dict[str, Any]:
    """Return the hashed person, the cookies and the id of a lead ad.

    Raises
    ------
    Refused
        Where nothing is known by which Meta could find the person.
    """
    hashed = {
        "em": META.email(identity.email),
        "ph": META.phone(identity.phone, identity.region),
        "fn": META.name(identity.first_name),
        "ln": META.name(identity.last_name),
        "country": identity.region.lower() if identity.region else None,
    }
    found: dict[str, Any] = {name: [sha256(text)] for name, text in hashed.items() if text}
    clicked = identity.fbc
    if clicked is None and identity.fbclid:
        at = event.clicked_at or event.happened_at
        clicked = f"fb.1.{int(at.timestamp() * 1000)}.{identity.fbclid}"
    cookies = {"fbc": clicked, "fbp": identity.fbp}
    found |= {name: text for name, text in cookies.items() if text and _COOKIE.fullmatch(text)}
    plain = {"client_ip_address": identity.ip, "client_user_agent": identity.user_agent}
    found |= {name: text for name, text in plain.items() if text}
    if identity.meta_lead_id:
        if _LEAD_ID.fullmatch(identity.meta_lead_id) is None:
            raise EventRejected("bad-lead-id", "the id of a lead ad has 15 or 16 digits")
        found["lead_id"] = int(identity.meta_lead_id)
    if not found.keys() & {"em", "ph", "fbc", "fbp", "lead_id"}:
        raise EventRejected(
            "no-identifiers",
            "neither a lead id, a cookie of Meta nor a valid e-mail address or phone",
            EventState.SUPPRESSED,
        )
    return found


def _meaning(told: dict[str, Any], status: int) -> Exception:
    error = told.get("error")
    error = error if isinstance(error, dict) else {}
    number = error.get("code")
    code = f"{number}/{error.get('error_subcode', '')}" if number is not None else f"HTTP {status}"
    if error.get("is_transient") or number in _BUSY:
        return BusyError(code)
    if number in _UNAUTHORISED:
        return UnauthorisedError(code)
    return RowsRefusedError({}, code)
