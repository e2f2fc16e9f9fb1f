"""Identifiers and consent of a lead, read from its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isnan
from typing import Any

from conversions.destination import PersonIdentifiers
from features.countries import region_of
from leadworth.consent import PURPOSES, Consent

_NAMES = tuple(identifier.name for identifier in fields(PersonIdentifiers))


def identifiers_of(lead: Mapping[str, Any]) -> PersonIdentifiers:
    """Return the identifiers of a lead, given as its fields.

    Examples
    --------
    >>> identifiers_of({"email": "ada@example.org", "country": "Italia", "gclid": ""})
    PersonIdentifiers(email='ada@example.org', ... region='IT', ... gclid=None, ...)
    """
    values = {name: _text(lead.get(name)) for name in _NAMES}
    values["region"] = region_of(_text(lead.get("country"))) or region_of(_text(lead.get("ip_country")))
    return PersonIdentifiers(**values)


def to_json(identifiers: PersonIdentifiers) -> dict[str, Any]:
    """Return identifiers as JSON values, without those that are missing."""
    return {name: value for name, value in asdict(identifiers).items() if value is not None}


def from_json(content: Mapping[str, Any]) -> PersonIdentifiers:
    """Return identifiers from the JSON values of `to_json`."""
    return PersonIdentifiers(**{name: content[name] for name in _NAMES if name in content})


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
