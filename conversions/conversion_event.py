"""Conversion event: one stage of one lead for one platform, before it is written in the platform's form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from leadworth.consent import PURPOSES, Consent


class EventKind(StrEnum):
    """Effect of an event on the conversion of its transaction id."""

    CONVERSION = "conversion"
    RESTATEMENT = "restatement"
    RETRACTION = "retraction"
    """Where a platform cannot retract, the value of the conversion is set to zero."""


@dataclass(frozen=True, slots=True)
class PersonIdentifiers:
    """Identifiers of a person and a click, as received; None where not known.

    Attributes
    ----------
    platform_ids
        Click ids, cookies and ids of the platforms, by name of the lead's field.
    click_times
        When the ad was clicked, by name of the click id's field, where known; aware.
    """

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    region: str | None = None
    postal_code: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    platform_ids: Mapping[str, str] = field(default_factory=dict)
    click_times: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConversionEvent:
    """One stage of one lead, for one platform.

    Attributes
    ----------
    transaction_id
        The same for all versions of this lead and stage.
    stage
        One of `leadworth.platform_section.STAGES`.
    happened_at, updated_at
        When the lead reached the stage, and when the value was computed; aware.
    clicked_at
        When the ad of this platform was clicked last, where known; aware.
    value
        In `currency`: the total for platforms that restate, the increment for those that count.
    consent
        Consent at the time of sending; nothing unknown.
    """

    transaction_id: str
    stage: str
    kind: EventKind
    happened_at: datetime
    updated_at: datetime
    value: Decimal
    currency: str
    identity: PersonIdentifiers
    consent: Consent
    clicked_at: datetime | None = None
    entry: str | None = None


def consent_fields(
    consent: Consent, names: tuple[str, str] = ("adUserData", "adPersonalization"), prefix: str = ""
) -> dict[str, str]:
    """Return both purposes of a consent as GRANTED or DENIED.

    Parameters
    ----------
    consent
        What is not granted is denied.
    names
        Fields of the purposes `ad_user_data` and `ad_personalization` at the platform.
    prefix
        Text before GRANTED and DENIED.

    Examples
    --------
    >>> consent_fields(Consent(True, False))
    {'adUserData': 'GRANTED', 'adPersonalization': 'DENIED'}
    """
    granted = [bool(getattr(consent, purpose)) for purpose in PURPOSES]
    return {name: f"{prefix}{'GRANTED' if yes else 'DENIED'}" for name, yes in zip(names, granted, strict=True)}
