"""Local peer of the LinkedIn Conversions API: it accepts or refuses each element of a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from conversions.sandbox.payload_schemas import (
    CLOCK_SECONDS,
    DAY_SECONDS,
    HASH,
    Currency,
    Element,
    EventId,
    is_click_id,
)
from conversions.sandbox.peer import ACTIONS, Call, Handler, Peer, Reply

MAX_AGE_SECONDS = 90 * DAY_SECONDS
MAX_ELEMENTS = 5_000
_HEADERS = {"x-restli-method": "BATCH_CREATE", "x-restli-protocol-version": "2.0.0"}


class LinkedInValue(Element):
    """`conversionValue`: the amount is a decimal number as text."""

    currencyCode: Currency  # noqa: N815 - the platform's name
    amount: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]


class LinkedInId(Element):
    """One of `userIds`."""

    idType: Literal["SHA256_EMAIL", "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID"]  # noqa: N815 - the platform's name
    idValue: str  # noqa: N815 - the platform's name


class LinkedInInfo(Element):
    """`userInfo`: both names or none."""

    firstName: Annotated[str, StringConstraints(min_length=1, max_length=200)]  # noqa: N815 - the platform's name
    lastName: Annotated[str, StringConstraints(min_length=1, max_length=200)]  # noqa: N815 - the platform's name
    countryCode: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None  # noqa: N815


class LinkedInUser(Element):
    """`user`."""

    userIds: Annotated[list[LinkedInId], Field(min_length=1)]  # noqa: N815 - the platform's name
    userInfo: LinkedInInfo | None = None  # noqa: N815 - the platform's name


class LinkedInEvent(Element):
    """A conversion event."""

    conversion: Annotated[str, StringConstraints(pattern=r"^urn:lla:llaPartnerConversion:\d+$")]
    conversionHappenedAt: Annotated[int, Field(ge=10**12)]  # noqa: N815 - milliseconds
    conversionValue: LinkedInValue  # noqa: N815 - the platform's name
    eventId: EventId  # noqa: N815 - the platform's name
    user: LinkedInUser


_event = TypeAdapter(LinkedInEvent)


class LinkedInPeer(Peer):
    """Rules of LinkedIn."""

    name = "linkedin"
    spoilt: Mapping[str, Any] = {"eventId": ""}

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        return {"endpoint": self.sandbox.http_address, "actions": ACTIONS, "token": "sandbox"}

    def paths(self) -> Mapping[str, Handler]:
        """Return the handler of events."""
        return {"/rest/conversionEvents": self.accept}

    def accept(self, call: Call) -> Reply:
        """Return a status for each element."""
        if not call.bearer():
            return Reply(401, {"message": "no token", "status": 401})
        complete = all(call.headers.get(name) == value for name, value in _HEADERS.items())
        if not complete or not call.headers.get("linkedin-version", "").isdigit():
            return Reply(400, {"message": "headers are missing", "status": 400})
        elements = json.loads(call.body).get("elements", [])
        if not 0 < len(elements) <= MAX_ELEMENTS:
            return Reply(400, {"message": "too many elements", "status": 400})
        return Reply(200, {"elements": [self._element(element) for element in elements]})

    def _element(self, element: Any) -> dict[str, Any]:
        try:
            event = _event.validate_python(element)
        except ValidationError:
            return self._refuse("invalid element")
        age = self.sandbox.clock().timestamp() - event.conversionHappenedAt / 1000
        if age > MAX_AGE_SECONDS or age < -CLOCK_SECONDS:
            return self._refuse("too old" if age > 0 else "in the future")
        for identifier in event.user.userIds:
            hashed = identifier.idType == "SHA256_EMAIL"
            if not (HASH.fullmatch(identifier.idValue) if hashed else is_click_id(identifier.idValue)):
                return self._refuse(f"invalid {identifier.idType}")
        rule = event.conversion.rpartition(":")[2]
        self.effects.record(f"{rule}|{event.eventId}", float(event.conversionValue.amount))
        return {"status": 201}

    def _refuse(self, why: str) -> dict[str, Any]:
        self.effects.refused[why] += 1
        return {"status": 400, "error": {"message": why}}


PEER = LinkedInPeer
