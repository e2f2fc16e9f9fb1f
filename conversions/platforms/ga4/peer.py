"""Local peer of GA4's Measurement Protocol; the Data Manager API is served by Google's peer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from conversions.sandbox.payload_schemas import CLOCK_SECONDS, DAY_SECONDS, AnalyticsId, Element
from conversions.sandbox.peer import Call, Handler, Peer, Reply
from leadworth.connection_context import is_installed

MAX_AGE_SECONDS = 3 * DAY_SECONDS
EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class Ga4Consent(Element):
    """`consent`."""

    ad_user_data: Literal["GRANTED", "DENIED"]
    ad_personalization: Literal["GRANTED", "DENIED"]


class Ga4Event(Element):
    """One of `events`."""

    name: Annotated[str, StringConstraints(pattern=EVENT_NAME.pattern)]
    params: Annotated[dict[str, str | float], Field(max_length=25)]


class Ga4Body(Element):
    """The body of a request to the Measurement Protocol."""

    client_id: AnalyticsId
    timestamp_micros: Annotated[str, StringConstraints(pattern=r"^\d{16}$")]
    consent: Ga4Consent
    events: Annotated[list[Ga4Event], Field(min_length=1, max_length=25)]


_body = TypeAdapter(Ga4Body)


class Ga4Peer(Peer):
    """Rules of GA4."""

    name = "ga4"
    spoilt: Mapping[str, Any] = {"currency": "EURO"}

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the client of the Data Manager API is installed."""
        return is_installed("google.ads.datamanager_v1")

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        return {"endpoint": self.sandbox.grpc_address, "measurement": "G-SANDBOX", "property": "1"}

    def paths(self) -> Mapping[str, Handler]:
        """Return the handler of the Measurement Protocol."""
        return {"/mp/collect": self.collect}

    def collect(self, call: Call) -> Reply:
        """Answer 204 to everything, and count every repeated event."""
        query = parse_qs(urlsplit(call.path).query)
        try:
            body = _body.validate_json(call.body)
        except ValidationError:
            self.effects.refused["invalid body"] += 1
            return Reply(204)
        age = self.sandbox.clock().timestamp() - int(body.timestamp_micros) / 1e6
        if "api_secret" not in query or not -CLOCK_SECONDS < age < MAX_AGE_SECONDS:
            self.effects.refused["not counted"] += 1
            return Reply(204)
        for event in body.events:
            value = event.params.get("value")
            key = f"{event.name}|{body.client_id}"
            self.effects.record(key, float(value) if value is not None else None, repeats="counted")
        return Reply(204)


PEER = Ga4Peer
