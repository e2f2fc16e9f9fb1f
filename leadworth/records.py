"""Records that all packages share: lead, score, reason, verdict.

A `Lead` is what was known when the form was sent. Its fields are flat: the same name is the key of the JSON body, the
column of a file and the input of a feature. Values are read leniently (see `leadworth.readers`): a lead is never
refused because a visitor wrote "about fifty" into a number; what cannot be read counts as missing. Text is cut to the
limit of its field when it is read, so that caches, features, store and logs never hold more. Fields that are not
declared are kept in `extras`.

The fields are declared by who may set them: a visitor (`FormFields`), the server that calls the service
(`ServerFields`), or the service itself (`ServiceFields`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from leadworth.consent import read_consent
from leadworth.platform_catalog import click_id_headers
from leadworth.readers.email_reader import LONGEST_EMAIL, read_email
from leadworth.readers.flag_reader import read_flag
from leadworth.readers.id_reader import read_id
from leadworth.readers.moment_reader import read_moment
from leadworth.readers.number_reader import read_count, read_number
from leadworth.readers.phone_reader import LONGEST_PHONE, read_phone
from leadworth.readers.plain_text import PLAIN_EMAIL, PLAIN_ID, PLAIN_PHONE
from leadworth.readers.text_reader import read_bounded, read_text
from leadworth.unreadable import Unreadable, readable

AGE = "age_days"
"""Argument of a scoring call: days that the lead has been open. Not a field of the lead."""


Kind = Literal["text", "number", "flag", "moment", "consent"]


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reader of the values of one field of a lead.

    Attributes
    ----------
    kind
        Kind of the field.
    read
        Returns the value, None where it is missing, or `leadworth.unreadable.Unreadable`.
    limit
        Number of characters to which text is cut; None for other kinds.
    plain
        Pattern of the texts that are read as they are, see `leadworth.readers.plain_text`; None for any text.
    counts
        Whether a number is one of people, pages or the like (`leadworth.readers.number_reader.read_count`).
    """

    kind: Kind
    read: Callable[[Any], Any]
    limit: int | None = None
    plain: str | None = None
    counts: bool = False

    def __call__(self, value: Any) -> Any:
        """Return the value; None where it is missing or cannot be read."""
        return readable(self.read(value))


_NOT_ONE_VALUE = Unreadable("not one value but a list or an object")
_NEITHER = Unreadable("neither a text nor a number")


def _reader(reader: FieldReader) -> BeforeValidator:
    """Return a reader as a validator whose input is one value: a text, a number, or for a flag true or false."""
    if reader.kind == "consent":  # any answer that is not understood is not granted
        return BeforeValidator(reader, json_schema_input_type=str | float | bool | None)
    if reader.kind == "flag":
        one = replace(reader, read=partial(_read_one, reader.read))
        return BeforeValidator(one, json_schema_input_type=str | float | bool | None)
    one = replace(reader, read=partial(_read_one, reader.read, refused=bool))
    return BeforeValidator(one, json_schema_input_type=str | float | None)


def _read_one(read: Callable[[Any], Any], value: Any, refused: type | None = None) -> Any:
    """Return what a reader returns for one value; a list, an object or a value of a refused type is unreadable."""
    kind = value.__class__
    if kind is list or kind is dict:
        return _NOT_ONE_VALUE
    return _NEITHER if kind is refused else read(value)


def _text(limit: int) -> BeforeValidator:
    """Return the reader of a text field that is cut to `limit` characters."""
    return _reader(FieldReader("text", partial(read_text, limit=limit), limit))


Identifier = Annotated[str | None, _reader(FieldReader("text", partial(read_id, limit=1_000), 1_000, PLAIN_ID))]
"""Above the 512 characters that HTTP accepts, so that a longer `lead_id` is refused there and not cut."""
Email = Annotated[str | None, _reader(FieldReader("text", read_email, LONGEST_EMAIL, PLAIN_EMAIL))]
Label = Annotated[str | None, _text(200)]
Phone = Annotated[str | None, _reader(FieldReader("text", read_phone, LONGEST_PHONE, PLAIN_PHONE))]
Address = Annotated[str | None, _text(60)]
UserAgent = Annotated[str | None, _text(500)]
Url = Annotated[str | None, _text(2_000)]
_click_id = _text(1_000)
ClickId = Annotated[str | None, _click_id]
Token = Annotated[str | None, _text(1_000)]
HeaderNames = Annotated[str | None, _text(2_000)]
Message = Annotated[str | None, _text(10_000)]
Payload = Annotated[str | None, _text(20_000)]
"""Above `features.payload_kernel.LONGEST`, so that a payload that was cut is never read."""
Number = Annotated[float | None, _reader(FieldReader("number", read_number))]
Count = Annotated[float | None, _reader(FieldReader("number", read_count, counts=True))]
Flag = Annotated[bool | None, _reader(FieldReader("flag", read_flag))]
Moment = Annotated[datetime | None, _reader(FieldReader("moment", read_moment))]
ConsentAnswer = Annotated[bool | None, _reader(FieldReader("consent", read_consent))]


class Identity(BaseModel):
    """Fields that identify a lead; the service fills in what the calling server leaves out."""

    model_config = ConfigDict(frozen=True)

    lead_id: Identifier = Field(None, description="More than 512 characters are refused over HTTP, kept in a file")
    submitted_at: Moment = Field(None, description="When the form was sent; UTC if no offset is given")


class DeclaredFormFields(BaseModel):
    """Fields that a visitor may set, without those that only ad platforms add."""

    model_config = ConfigDict(frozen=True)

    # form and profile
    email: Email = None
    first_name: Label = None
    last_name: Label = None
    phone: Phone = None
    company: Label = None
    website: Url = None
    job_title: Label = None
    employees: Count = Field(None, description="Employees of the company")
    industry: Label = None
    country: Label = None
    postal_code: Label = None
    budget: Number = Field(None, description="Budget, in the currency of the settings")
    message: Message = None

    # attribution
    source: Label = None
    medium: Label = None
    campaign: Label = None
    term: Label = None
    content: Label = None
    landing_page: Url = None
    referrer: Url = None
    gclid: ClickId = None
    wbraid: ClickId = None
    gbraid: ClickId = None
    dclid: ClickId = None
    fbclid: ClickId = None
    fbc: ClickId = None
    fbp: ClickId = None
    msclkid: ClickId = None
    li_fat_id: ClickId = None
    ttclid: ClickId = None
    twclid: ClickId = None
    ga_client_id: Label = Field(None, description="The browser's id at Google Analytics, of the cookie `_ga`")
    meta_lead_id: Label = Field(None, description="Id of a lead ad of Meta, 15 or 16 digits")
    clicked_at: Moment = Field(None, description="When the ad was clicked, if a page of yours noted it")

    # consent, as the form or a consent tool recorded it; left out: not known, which is not granted
    consent_ad_user_data: ConsentAnswer = Field(None, description="May data of the person be passed to ad platforms")
    consent_ad_personalization: ConsentAnswer = Field(None, description="May they be used for personalised advertising")
    consent_source: Label = Field(None, description="What recorded the consent, such as the name of a tool")

    # what the collector adds to a form; docs/reference/evidence.md
    lw_data: Payload = Field(None, description="What the collector saw: JSON of the hidden field `lw_data`")
    form_token: Token = Field(None, description="Signed token of the form, where it is not inside `lw_data`")


if TYPE_CHECKING:
    FormFields = DeclaredFormFields
else:
    FormFields = create_model(
        "FormFields",
        __base__=DeclaredFormFields,
        __module__=__name__,
        __doc__="Fields that a visitor may set: the allowlist of the public form, with the click ids of all platforms.",
        **{name: (ClickId, None) for name in click_id_headers() if name not in DeclaredFormFields.model_fields},
    )

CLICK_IDS = tuple(name for name, field in FormFields.model_fields.items() if _click_id in field.metadata)
"""Click ids of all ad platforms: personal data, and text that a visitor may set."""


class ServerFields(BaseModel):
    """Fields that only an authenticated server may set; the public form fills those of the request itself."""

    model_config = ConfigDict(frozen=True)

    # request
    form_id: Label = None
    entry: Label = Field(None, description="How the lead came in: form, import, chat, phone, api ...")
    ip: Address = None
    user_agent: UserAgent = None
    accept_language: Label = None
    headers: HeaderNames = Field(None, description="Names of the visitor's request headers, as sent, joined by commas")
    ip_country: Label = Field(None, description="Country of the address as a CDN says; left out: looked up offline")
    asn: Count = Field(None, description="Autonomous system of the address, as a CDN or a proxy says")

    # behaviour summary and initiative
    form_seconds: Number = Field(None, description="Seconds from showing the form to sending it")
    session_seconds: Number = Field(None, description="Seconds in the session before sending")
    pages_viewed: Count = None
    visits: Count = Field(None, description="Visits up to and including this one")
    days_since_first_visit: Number = None
    content_downloads: Count = None
    webinars_attended: Count = None
    emails_clicked: Count = None
    pricing_views: Count = None
    demo_requested: Flag = None
    honeypot_filled: Flag = None
    webdriver: Flag = Field(None, description="The browser said that it is driven by software")


class ServiceFields(BaseModel):
    """Fields that the service fills in, and training for a history, as of the lead's own time."""

    model_config = ConfigDict(frozen=True)

    token_state: Label = Field(
        None, description="Filled by the service: ok, missing, bad-signature, expired, future, replayed, wrong-form"
    )

    # other people seen before this lead with the same ...
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


Extra = Annotated[Any, BeforeValidator(read_bounded)]


class Lead(ServiceFields, ServerFields, FormFields, Identity):
    """A lead as known at submit; its fields are those of the bases, in the order from last to first.

    Examples
    --------
    >>> lead = Lead(lead_id=7, email=" Ada@Example.org ", employees="50-100", TotalVisits="3")
    >>> lead.lead_id, lead.email, lead.employees, lead.extras
    ('7', 'Ada@Example.org', 50.0, {'TotalVisits': '3'})
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    __pydantic_extra__: dict[str, Extra] = Field(init=False)

    @property
    def extras(self) -> dict[str, Any]:
        """Fields that are not declared, as received; text is cut (see `leadworth.readers.text_reader.read_bounded`)."""
        return self.__pydantic_extra__ or {}


def reader_of(name: str) -> FieldReader:
    """Return the reader of the values of a lead's field; for text, it cuts to the field's limit.

    Examples
    --------
    >>> len(reader_of("email")("x" * 1_000)), reader_of("budget")("1,5"), reader_of("budget").read("much").reason
    (320, 1.5, 'not a number')
    """
    return _READERS[name]


_READERS: dict[str, FieldReader] = {
    name: next(m.func for m in field.metadata if isinstance(m, BeforeValidator))  # type: ignore[misc]
    for name, field in Lead.model_fields.items()
}


def limit_of(name: str) -> int:
    """Return the number of characters to which a text field of a lead is cut.

    Raises
    ------
    ValueError
        Where the field is not text.

    Examples
    --------
    >>> limit_of("email")
    320
    """
    limit = reader_of(name).limit
    if limit is None:
        raise ValueError(f"{name} is not a text field; allowed: {', '.join(fields_of('text'))}")
    return limit


def fields_of(kind: Kind) -> tuple[str, ...]:
    """Return the names of the lead's fields of one kind, in order.

    Examples
    --------
    >>> fields_of("moment")
    ('submitted_at', 'clicked_at')
    """
    return tuple(name for name, reader in _READERS.items() if reader.kind == kind)


class Reason(BaseModel):
    """One reason of a score, as a readable sentence.

    `contribution` is in log-odds of the win probability for `kind` "model" (together with the baseline they add up
    to the log-odds of the score), and in log-odds of the junk probability for `kind` "junk"; None for rules of the
    policy.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["model", "rule", "junk"]
    code: str = Field(description="Name of the feature or of the rule")
    text: str
    contribution: float | None = Field(None, description="Log-odds; None for rules")


ReasonStyle = Literal["json", "text", "none"]
"""Form of the reasons in a table: JSON, the main ones in plain words, or empty."""


class Verdict(StrEnum):
    """Decision about a lead; a rejected lead is stored as well."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Score(BaseModel):
    """Prediction and decision for one lead; the same fields in HTTP and in files."""

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
