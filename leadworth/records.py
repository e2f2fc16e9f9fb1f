"""The records that every room speaks of.

A `Lead` is what was known when the form was sent. Its fields are flat, so that one name serves the
JSON body, the column of a file and the input of a feature. Values are read leniently (see
`leadworth.values`): a lead is never refused because a visitor wrote "about fifty" into a number.
Whatever is not a field of ours is kept in `extras`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from leadworth import values
from leadworth.consent import read_consent

Text = Annotated[str | None, BeforeValidator(values.text)]
Number = Annotated[float | None, BeforeValidator(values.number)]
Flag = Annotated[bool | None, BeforeValidator(values.flag)]
Moment = Annotated[datetime | None, BeforeValidator(values.moment)]
ConsentAnswer = Annotated[bool | None, BeforeValidator(read_consent)]


class Lead(BaseModel):
    """A lead as known at submit.

    Examples
    --------
    >>> lead = Lead(lead_id=7, email=" Ada@Example.org ", employees="50-100", TotalVisits="3")
    >>> lead.lead_id, lead.email, lead.employees, lead.extras
    ('7', 'Ada@Example.org', 50.0, {'TotalVisits': '3'})
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    lead_id: Text = None
    submitted_at: Moment = Field(None, description="When the form was sent; UTC if no offset is given")

    # form and profile
    email: Text = None
    first_name: Text = None
    last_name: Text = None
    phone: Text = None
    company: Text = None
    website: Text = None
    job_title: Text = None
    employees: Number = Field(None, description="Employees of the company")
    industry: Text = None
    country: Text = None
    postal_code: Text = None
    budget: Number = Field(None, description="Budget, in the currency of the settings")
    message: Text = None

    # attribution
    source: Text = None
    medium: Text = None
    campaign: Text = None
    term: Text = None
    content: Text = None
    landing_page: Text = None
    referrer: Text = None
    gclid: Text = None
    wbraid: Text = None
    gbraid: Text = None
    dclid: Text = None
    fbclid: Text = None
    fbc: Text = None
    fbp: Text = None
    msclkid: Text = None
    li_fat_id: Text = None
    ttclid: Text = None
    twclid: Text = None
    ga_client_id: Text = Field(None, description="The browser's id at Google Analytics, of the cookie `_ga`")
    meta_lead_id: Text = Field(None, description="Id of a lead ad of Meta, 15 or 16 digits")
    clicked_at: Moment = Field(None, description="When the ad was clicked, if a page of yours noted it")

    # consent, as the form or a consent tool recorded it; left out: not known, which is not granted
    consent_ad_user_data: ConsentAnswer = Field(None, description="May data of the person be passed to ad platforms")
    consent_ad_personalization: ConsentAnswer = Field(None, description="May they be used for personalised advertising")
    consent_source: Text = Field(None, description="What recorded the consent, such as the name of a tool")

    # request
    form_id: Text = None
    entry: Text = Field(None, description="How the lead came in: form, import, chat, phone, api ...")
    ip: Text = None
    user_agent: Text = None
    accept_language: Text = None

    # behaviour summary and initiative
    form_seconds: Number = Field(None, description="Seconds from showing the form to sending it")
    session_seconds: Number = Field(None, description="Seconds in the session before sending")
    pages_viewed: Number = None
    visits: Number = Field(None, description="Visits up to and including this one")
    days_since_first_visit: Number = None
    content_downloads: Number = None
    webinars_attended: Number = None
    emails_clicked: Number = None
    pricing_views: Number = None
    demo_requested: Flag = None
    honeypot_filled: Flag = None
    webdriver: Flag = Field(None, description="The browser said that it is driven by software")

    # evidence of how the form was sent; docs/reference/evidence.md
    lw_data: Text = Field(None, description="What the collector saw: JSON of the hidden field `lw_data`")
    form_token: Text = Field(None, description="Signed token of the form, where it is not inside `lw_data`")
    token_state: Text = Field(
        None, description="Filled by the service: ok, missing, bad-signature, expired, replayed, wrong-form"
    )
    headers: Text = Field(None, description="Names of the visitor's request headers, as sent, joined by commas")
    ip_country: Text = Field(None, description="Country of the address as a CDN says; left out: looked up offline")
    asn: Number = Field(None, description="Autonomous system of the address, as a CDN or a proxy says")

    # other people seen before this lead with the same ...; filled by the service and by training
    recent_ip_10m: Number = Field(None, description="Other people from the address in 10 minutes before")
    recent_ip_24h: Number = None
    recent_ip_30d: Number = None
    recent_net_10m: Number = Field(None, description="From the /24 or /48 of the address")
    recent_net_24h: Number = None
    recent_domain_10m: Number = Field(None, description="With the own (not free) mail domain")
    recent_domain_24h: Number = None
    recent_domain_30d: Number = None
    recent_phone_10m: Number = None
    recent_phone_24h: Number = None
    recent_phone_30d: Number = None
    recent_headers_10m: Number = Field(None, description="With the same browser and order of headers")
    recent_headers_24h: Number = None
    recent_behaviour_10m: Number = Field(None, description="With the same way to fill in the form")
    recent_behaviour_24h: Number = None
    recent_message_24h: Number = Field(None, description="With nearly the same message")
    recent_message_30d: Number = None
    domain_age_days: Number = Field(None, description="Days since the mail domain was first seen here; 0: never before")

    @property
    def extras(self) -> dict[str, Any]:
        """Fields that are not ours, as received."""
        return self.__pydantic_extra__ or {}


def fields_of(kind: Literal["text", "number", "flag", "moment", "consent"]) -> tuple[str, ...]:
    """Return the names of the lead's fields of one kind, in order.

    Examples
    --------
    >>> fields_of("moment")
    ('submitted_at', 'clicked_at')
    """
    readers: dict[str, Callable[[Any], Any]] = {
        "text": values.text,
        "number": values.number,
        "flag": values.flag,
        "moment": values.moment,
        "consent": read_consent,
    }
    reader = readers[kind]
    return tuple(
        name
        for name, info in Lead.model_fields.items()
        if any(isinstance(m, BeforeValidator) and m.func is reader for m in info.metadata)
    )


CLICK_IDS = (
    "gclid", "wbraid", "gbraid", "dclid", "fbclid", "fbc", "fbp", "msclkid", "li_fat_id", "ttclid", "twclid",
)  # fmt: skip


class Disposition(StrEnum):
    """What people found the lead to be."""

    JUNK = "junk"
    ENGAGED = "engaged"
    UNKNOWN = "unknown"


class StageEvent(BaseModel):
    """One step of a lead through the CRM."""

    model_config = ConfigDict(frozen=True)

    stage: str
    at: AwareDatetime | None = None


class Outcome(BaseModel):
    """What became of a lead, as far as the CRM says.

    Examples
    --------
    >>> Outcome(lead_id="7", won=True, revenue=900.0, currency="EUR").disposition
    <Disposition.UNKNOWN: 'unknown'>
    """

    model_config = ConfigDict(frozen=True)

    lead_id: str
    stages: tuple[StageEvent, ...] = ()
    won: bool = False
    won_at: AwareDatetime | None = None
    lost: bool = False
    lost_at: AwareDatetime | None = None
    revenue: float | None = Field(None, ge=0, description="In `currency`; None where not known")
    currency: str | None = None
    disposition: Disposition = Disposition.UNKNOWN


class Spend(BaseModel):
    """What one campaign cost on one day.

    Examples
    --------
    >>> Spend(day="2026-03-01", channel="search", campaign="brand", cost=12.5, currency="EUR").cost
    12.5
    """

    model_config = ConfigDict(frozen=True)

    day: datetime
    channel: str
    campaign: str | None = None
    cost: float = Field(ge=0)
    currency: str
    impressions: int | None = Field(None, ge=0)
    clicks: int | None = Field(None, ge=0)


class Reason(BaseModel):
    """One cause of a score, in a sentence a person can read.

    `contribution` is in log-odds of the win probability for `kind` "model" (all of them together, with
    the baseline, add up to the log-odds), and in log-odds of the junk probability for `kind` "junk", which
    says why a lead is suspected; rules of the policy carry none.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["model", "rule", "junk"]
    code: str = Field(description="Name of the feature or of the rule")
    text: str
    contribution: float | None = Field(None, description="Log-odds; None for rules")


class Verdict(StrEnum):
    """What to do with the lead; nothing is ever dropped."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Score(BaseModel):
    """What a lead is worth, and why. The same fields in HTTP and in files."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    lead_id: str | None
    scored_at: AwareDatetime
    model_version: str
    win_probability: float = Field(ge=0, le=1, description="Chance to be closed-won within the horizon")
    expected_revenue: float = Field(ge=0, description="Expected revenue if won, in `currency`")
    predicted_value: float = Field(ge=0, description="win_probability x expected_revenue, in `currency`")
    currency: str
    junk_probability: float = Field(ge=0, le=1)
    automation_probability: float = Field(ge=0, le=1)
    verdict: Verdict
    mql: bool
    mql_reason: str
    reasons: tuple[Reason, ...]


SCORE_COLUMNS = tuple(name for name in Score.model_fields if name != "lead_id")
