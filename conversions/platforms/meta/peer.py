"""Local peer of the Meta Conversions API: it accepts all events of a request or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from conversions.sandbox.payload_schemas import (
    CLOCK_SECONDS,
    DAY_SECONDS,
    Currency,
    Element,
    EventId,
    Hash,
    IpAddress,
    MetaCookie,
    Money,
    meta_cookie_seconds,
)
from conversions.sandbox.peer import Call, Handler, Peer, Reply

MAX_AGE_SECONDS = 7 * DAY_SECONDS
MAX_EVENTS = 1_000
DATASET = "1"


class MetaUser(Element):
    """`user_data`."""

    em: list[Hash] = Field([])
    ph: list[Hash] = Field([])
    fn: list[Hash] = Field([])
    ln: list[Hash] = Field([])
    country: list[Hash] = Field([])
    fbc: MetaCookie | None = None
    fbp: MetaCookie | None = None
    lead_id: Annotated[int, Field(ge=10**14, lt=10**16)] | None = None
    client_ip_address: IpAddress | None = None
    client_user_agent: str | None = None


class MetaCustom(Element):
    """`custom_data` of a CRM."""

    event_source: Literal["crm"]
    lead_event_source: str
    value: Money
    currency: Currency


class MetaEvent(Element):
    """An event of a CRM."""

    event_name: str
    event_time: int
    event_id: EventId
    action_source: Literal["system_generated"]
    user_data: MetaUser
    custom_data: MetaCustom
    opt_out: bool
    data_processing_options: list[Literal["LDU"]]
    data_processing_options_country: Literal[0, 1] | None = None
    data_processing_options_state: int | None = None


_events = TypeAdapter(list[MetaEvent])


class MetaPeer(Peer):
    """Rules of Meta."""

    name = "meta"
    spoilt: Mapping[str, Any] = {"event_time": 1}

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        return {"endpoint": self.sandbox.http_address, "dataset": DATASET, "token": "sandbox"}

    def paths(self) -> Mapping[str, Handler]:
        """Return the handler of events; paths begin with the version."""
        return {"/v2": self.accept}

    def accept(self, call: Call) -> Reply:
        """Accept all events of a request or none."""
        if not call.bearer():
            return self._refuse(190, "no token", 401)
        if f"/{DATASET}/" not in call.path:
            return self._refuse(33, "unknown dataset")
        data = json.loads(call.body).get("data", [])
        if not 0 < len(data) <= MAX_EVENTS:
            return self._refuse(100, "too many events")
        try:
            events = _events.validate_python(data)
        except ValidationError:
            return self._refuse(100, "invalid parameter")
        now = self.sandbox.clock().timestamp()
        for event in events:
            if not now - MAX_AGE_SECONDS < event.event_time < now + CLOCK_SECONDS:
                return self._refuse(2804003, "event too old")
            user = event.user_data
            if not (user.em or user.ph or user.fbc or user.fbp or user.lead_id):
                return self._refuse(2804050, "no customer information")
            if user.fbc and (meta_cookie_seconds(user.fbc) or 0.0) > event.event_time + 1:
                return self._refuse(2804012, "click after the event")
        for event in events:
            self.effects.record(f"{event.event_name}|{event.event_id}", event.custom_data.value)
        return Reply(200, {"events_received": len(events), "messages": [], "fbtrace_id": "A"})

    def _refuse(self, subcode: int, why: str, status: int = 400) -> Reply:
        self.effects.refused[why] += 1
        code = 190 if status == 401 else 100
        error = {"message": why, "code": code, "error_subcode": subcode, "is_transient": False}
        return Reply(status, {"error": error})


PEER = MetaPeer
