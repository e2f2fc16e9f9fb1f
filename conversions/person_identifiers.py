"""Who a lead is to the platforms, and what it agreed to, from its fields."""

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
"""Fields of a lead by which only ad platforms recognise a person or a click."""


def identity_of(lead: Mapping[str, Any]) -> PersonIdentifiers:
    """Return the identifiers of a lead, given as its fields.

    Examples
    --------
    >>> identity_of({"email": "ada@example.org", "country": "Italia", "gclid": ""})
    PersonIdentifiers(email='ada@example.org', ... region='IT', ... platform_ids={})
    """
    person = {name: _text(lead.get(name)) for name in _PERSON}
    person["region"] = region_of(_text(lead.get("country"))) or region_of(_text(lead.get("ip_country")))
    ids = {name: text for name in PLATFORM_IDS if (text := _text(lead.get(name)))}
    return PersonIdentifiers(**person, platform_ids=ids)


def written(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return an identity as JSON values; what is not known is left out."""
    person = {name: value for name in _PERSON if (value := getattr(identity, name)) is not None}
    return {**person, **identity.platform_ids}


def read(content: Mapping[str, Any]) -> PersonIdentifiers:
    """Read what `written` wrote."""
    person = {name: content[name] for name in _PERSON if name in content}
    return PersonIdentifiers(**person, platform_ids={name: content[name] for name in PLATFORM_IDS if name in content})


def consent_of(lead: Mapping[str, Any]) -> Consent:
    """Return what a lead, given as its fields, says it agreed to.

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
