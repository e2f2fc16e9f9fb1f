"""The shapes of what the platforms without official types read: one element each, and its rules."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]
EventId = Annotated[str, StringConstraints(min_length=1, max_length=100)]
GA4_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class Element(BaseModel):
    """An element; what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MetaUser(Element):
    """`user_data`."""

    em: list[Hash] = []
    ph: list[Hash] = []
    fn: list[Hash] = []
    ln: list[Hash] = []
    country: list[Hash] = []
    fbc: Annotated[str, StringConstraints(pattern=r"^fb\.\d\.\d{10,13}\.\S+$")] | None = None
    fbp: Annotated[str, StringConstraints(pattern=r"^fb\.\d\.\d{10,13}\.\S+$")] | None = None
    lead_id: Annotated[int, Field(ge=10**14, lt=10**16)] | None = None
    client_ip_address: str | None = None
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

    firstName: str  # noqa: N815 - the platform's name
    lastName: str  # noqa: N815 - the platform's name
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


class TikTokUser(Element):
    """`user`."""

    email: list[Hash] = []
    phone: list[Hash] = []
    ttclid: str | None = None
    ip: str | None = None
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


class Ga4Consent(Element):
    """`consent`."""

    ad_user_data: Literal["GRANTED", "DENIED"]
    ad_personalization: Literal["GRANTED", "DENIED"]


class Ga4Event(Element):
    """One of `events`."""

    name: Annotated[str, StringConstraints(pattern=GA4_NAME.pattern)]
    params: Annotated[dict[str, str | float], Field(max_length=25)]


class Ga4Body(Element):
    """The body of a request to the Measurement Protocol."""

    client_id: str
    timestamp_micros: Annotated[str, StringConstraints(pattern=r"^\d{16}$")]
    consent: Ga4Consent
    events: Annotated[list[Ga4Event], Field(min_length=1, max_length=25)]
