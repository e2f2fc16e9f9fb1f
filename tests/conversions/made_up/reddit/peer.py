"""Local peer of the made-up API: it accepts all events of a request or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from conversions.sandbox.payload_schemas import Currency, Element, EventId, Hash, Money
from conversions.sandbox.peer import Call, Handler, Peer, Reply


class RedditUser(Element):
    """`user`."""

    click_id: str = ""
    email: Hash = ""


class RedditEvent(Element):
    """One of `events`."""

    event_at: int
    tracking_type: str
    conversion_id: EventId
    value: Money
    currency: Currency
    user: RedditUser


_events = TypeAdapter(list[RedditEvent])


class RedditPeer(Peer):
    """Rules of the made-up API."""

    name = "reddit"
    spoilt: Mapping[str, Any] = {"currency": "EURO"}

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        return {"endpoint": self.sandbox.http_address, "advertiser": "1", "token": "sandbox"}

    def paths(self) -> Mapping[str, Handler]:
        """Return the handler of events."""
        return {"/reddit/": self.accept}

    def accept(self, call: Call) -> Reply:
        """Accept all events of a request or none."""
        if not call.bearer():
            return Reply(401)
        try:
            events = _events.validate_python(json.loads(call.body)["events"])
        except ValidationError:
            self.effects.refused["invalid event"] += 1
            return Reply(400)
        for event in events:
            key = f"{event.tracking_type}|{event.conversion_id}|{event.user.click_id}"
            self.effects.record(key, event.value, repeats="replaced")
        return Reply(200, {})


PEER = RedditPeer
