"""Who a lead is to the platforms, and what it agreed to, from its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from math import isnan
from typing import Any

from conversions.destination import PersonIdentifiers
from features.countries import region_of
from leadworth.consent import PURPOSES, Consent

_NAMES = tuple(one.name for one in fields(PersonIdentifiers))


def identity_of(lead: Mapping[str, Any]) -> PersonIdentifiers:
    """Return the identifiers of a lead, given as its fields.

    Examples
    --------
    >>> identity_of({"email": "ada@example.org", "country": "Italia", "gclid": ""})
    PersonIdentifiers(email='ada@example.org', ... region='IT', ... gclid=None, ...)
    """
    found = {name: _text(lead.get(name)) for name in _NAMES}
    found["region"] = region_of(_text(lead.get("country"))) or region_of(_text(lead.get("ip_country")))
    return PersonIdentifiers(**found)


def written(identity: PersonIdentifiers) -> dict[str, Any]:
    """Return an identity as JSON values; what is not known is left out."""
    return {name: value for name, value in asdict(identity).items() if value is not None}


def read(content: Mapping[str, Any]) -> PersonIdentifiers:
    """Read what `written` wrote."""
    return PersonIdentifiers(**{name: content[name] for name in _NAMES if name in content})


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
