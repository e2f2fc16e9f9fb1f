"""TikTok Events API 2.0, events of a CRM. It answers 200 with a code of its own; only 0 means taken."""

from __future__ import annotations

import json
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
from conversions.identifier_normalisation import TIKTOK, sha256
from leadworth.export_settings import TikTokExport
from store.event_state import EventState

REPEATS = timedelta(hours=48)
_BUSY = {40100, 50000, 50002}
_UNAUTHORISED = {40001, 40102, 40104, 40105}


class TikTokDestination:
    """The destination.

    Parameters
    ----------
    settings
        Of `[export.tiktok]`.
    http
        The client.
    """

    name = "tiktok"

    def __init__(self, settings: TikTokExport, http: HttpClient) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(batch=1_000, window=timedelta(days=settings.window_days), repeats=REPEATS)
        host = settings.endpoint or "https://business-api.tiktok.com"
        self._url = f"{host}/open_api/{settings.version}/event/track/"
        self._set, self._token, self._crm, self._http = settings.event_set, settings.token, settings.crm, http

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as TikTok reads it; see `Destination.plan`."""
        body = {
            "event": self.actions[event.stage],
            "event_time": int(event.happened_at.timestamp()),
            "event_id": event.transaction_id,
            "user": user(event.identity),
            "properties": {"value": float(event.value), "currency": event.currency},
            "lead": {"lead_id": event.transaction_id, "lead_event_source": self._crm},
            "limited_data_use": not event.consent.ad_personalization,
        }
        return Payload(event.transaction_id, "events", body)

    def validate(self, payload: Payload) -> None:
        """Let everything through: TikTok's package has no type of it."""

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        request = {"event_source": "crm", "event_source_id": self._set, "data": [row.body for row in batch]}
        content = json.dumps(request).encode()
        if dry_run:
            return [DeliveryResult(EventState.ACCEPTED)] * len(batch)
        headers = {"Access-Token": self._token.get_secret_value(), "Content-Type": "application/json"}
        told = read_json(self._http.post(self._url, content, headers))
        code = told.get("code")
        if code == 0:
            return [DeliveryResult(EventState.ACCEPTED, receipt=str(told.get("request_id", "")))] * len(batch)
        if code in _BUSY:
            raise BusyError(str(code))
        if code in _UNAUTHORISED:
            raise UnauthorisedError(str(code))
        raise RowsRefusedError({}, str(code))

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: TikTok cannot be asked."""

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


def user(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return the hashed person and the click id.

    Raises
    ------
    Refused
        Where TikTok could not find the person by any of them.
    """
    found: dict[str, Any] = {}
    if email := sha256(TIKTOK.email(identity.email)):
        found["email"] = [email]
    if phone := sha256(TIKTOK.phone(identity.phone, identity.region)):
        found["phone"] = [phone]
    if identity.ttclid:
        found["ttclid"] = identity.ttclid
    if not found:
        raise EventRejected(
            "no-identifiers", "neither TikTok's click id nor a valid e-mail address or phone", EventState.SUPPRESSED
        )
    return found | {name: text for name in ("ip", "user_agent") if (text := getattr(identity, name))}
