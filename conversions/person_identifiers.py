"""Identifiers and consent of a lead, read from its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from math import isnan
from typing import Any

from conversions.conversion_event import PersonIdentifiers
from features.countries import region_of
from leadworth.consent import PURPOSES, Consent
from leadworth.platform_catalog import platforms

_PERSON = tuple(item.name for item in fields(PersonIdentifiers) if item.name != "platform_ids")
PLATFORM_IDS = tuple(
    sorted({name for info in platforms().values() for name in (*info.click_ids, *info.match_by)} - set(_PERSON))
)
"""Fields of a lead by which only ad platforms identify a person or a click."""


def identifiers_of(lead: Mapping[str, Any]) -> PersonIdentifiers:
    """Return the identifiers of a lead, given as its fields.

    Examples
    --------
    >>> identifiers_of({"email": "ada@example.org", "country": "Italia", "gclid": ""})
    PersonIdentifiers(email='ada@example.org', ... region='IT', ... platform_ids={})
    """
    values = {name: _text(lead.get(name)) for name in _PERSON}
    values["region"] = region_of(_text(lead.get("country"))) or region_of(_text(lead.get("ip_country")))
    ids = {name: text for name in PLATFORM_IDS if (text := _text(lead.get(name)))}
    return PersonIdentifiers(**values, platform_ids=ids)


def to_json(identifiers: PersonIdentifiers) -> dict[str, Any]:
    """Return identifiers as JSON values, without those that are missing."""
    person = {name: value for name in _PERSON if (value := getattr(identifiers, name)) is not None}
    return {**person, **identifiers.platform_ids}


def from_json(content: Mapping[str, Any]) -> PersonIdentifiers:
    """Return identifiers from the JSON values of `to_json`."""
    person = {name: content[name] for name in _PERSON if name in content}
    return PersonIdentifiers(**person, platform_ids={name: content[name] for name in PLATFORM_IDS if name in content})


def consent_of(lead: Mapping[str, Any]) -> Consent:
    """Return the consent of a lead, given as its fields.

    Examples
    --------
    >>> consent_of({"consent_ad_user_data": 1.0})
    Consent(ad_user_data=True, ad_personalization=None)
    """
    return Consent(*(_flag(lead.get(f"consent_{purpose}")) for purpose in PURPOSES))


def _flag(value: Any) -> bool | None:
    return bool(value) if isinstance(value, bool | float | int) and not isnan(value) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
