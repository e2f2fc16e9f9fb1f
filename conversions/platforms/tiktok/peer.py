"""Local peer of the TikTok Events API: it answers 200 to everything; a code says what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from conversions.platforms.tiktok.settings import TikTokSection
from conversions.sandbox.payload_schemas import (
    CLOCK_SECONDS,
    DAY_SECONDS,
    Currency,
    Element,
    EncodedId,
    EventId,
    Hash,
    IpAddress,
    Money,
)
from conversions.sandbox.peer import Call, Handler, Peer, Reply

MAX_EVENTS = 1_000
MAX_AGE_SECONDS = TikTokSection().window_days * DAY_SECONDS


class TikTokUser(Element):
    """`user`."""

    email: list[Hash] = Field([])
    phone: list[Hash] = Field([])
    ttclid: EncodedId | None = None
    ip: IpAddress | None = None
    user_agent: str | None = None


class TikTokProperties(Element):
    """`properties`."""

    value: Money
    currency: Currency


class TikTokLead(Element):
    """`lead`."""

    lead_id: str
    lead_event_source: str


class TikTokEvent(Element):
    """An event of a CRM."""

    event: str
    event_time: int
    event_id: EventId
    user: TikTokUser
    properties: TikTokProperties
    lead: TikTokLead
    limited_data_use: bool


_events = TypeAdapter(list[TikTokEvent])


class TikTokPeer(Peer):
    """Rules of TikTok."""

    name = "tiktok"
    spoilt: Mapping[str, Any] = {"event_time": "now"}

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        return {"endpoint": self.sandbox.http_address, "event_set": "1", "token": "sandbox"}

    def paths(self) -> Mapping[str, Handler]:
        """Return the handler of events."""
        return {"/open_api/": self.accept}

    def accept(self, call: Call) -> Reply:
        """Accept all events of a request or none."""
        if not call.headers.get("access-token"):
            return Reply(200, {"code": 40105, "message": "no token"})
        content = json.loads(call.body)
        data = content.get("data", [])
        if content.get("event_source") != "crm" or not 0 < len(data) <= MAX_EVENTS:
            return self._refuse("invalid request")
        try:
            events = _events.validate_python(data)
        except ValidationError:
            return self._refuse("invalid parameter")
        now = self.sandbox.clock().timestamp()
        ages = [now - event.event_time for event in events]
        if max(ages) > MAX_AGE_SECONDS or min(ages) < -CLOCK_SECONDS:
            return self._refuse("event time outside the window")
        if not all(event.user.email or event.user.phone or event.user.ttclid for event in events):
            return self._refuse("no customer information")
        for event in events:
            self.effects.record(f"{event.event}|{event.event_id}", event.properties.value)
        return Reply(200, {"code": 0, "message": "OK", "request_id": "R"})

    def _refuse(self, why: str) -> Reply:
        self.effects.refused[why] += 1
        return Reply(200, {"code": 40002, "message": why})


PEER = TikTokPeer
