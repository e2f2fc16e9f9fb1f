"""Identifiers and consent of a lead, read from its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from math import isnan
from typing import Any

from conversions.ad_clicks import CLICK_FIELDS, clicks_of
from conversions.conversion_event import PersonIdentifiers
from features.countries import region_of
from leadworth.consent import PURPOSES, Consent
from leadworth.platform_catalog import platforms
from store.timestamps import stamp

_PERSON = tuple(item.name for item in fields(PersonIdentifiers) if item.default is None)
PLATFORM_IDS = tuple(
    sorted({name for info in platforms().values() for name in (*info.click_ids, *info.match_by)} - set(_PERSON))
)
"""Fields of a lead by which only ad platforms identify a person or a click."""


def identifiers_of(lead: Mapping[str, Any]) -> PersonIdentifiers:
    """Return the identifiers of a lead, given as its fields.

    Examples
    --------
    >>> identifiers_of({"email": "ada@example.org", "country": "Italia", "gclid": ""})
    PersonIdentifiers(email='ada@example.org', ... region='IT', ... platform_ids={}, click_times={})
    """
    values = {name: _text(lead.get(name)) for name in _PERSON}
    values["region"] = region_of_lead(lead)
    clicks = clicks_of(lead)
    clicked = {name: text for name, (text, _) in clicks.items()}
    ids = {name: text for name in PLATFORM_IDS if (text := clicked.get(name) or _text(lead.get(name)))}
    times = {name: at for name, (_, at) in clicks.items() if at is not None and name in ids}
    return PersonIdentifiers(**values, platform_ids=ids, click_times=times)


def region_of_lead(lead: Mapping[str, Any]) -> str | None:
    """Return the country of a lead, else that of its address, two letters; `lead` holds its fields."""
    return region_of(_text(lead.get("country"))) or region_of(_text(lead.get("ip_country")))


def to_json(identifiers: PersonIdentifiers) -> dict[str, Any]:
    """Return identifiers as JSON values: `identity` without those that are missing, and `click_times`."""
    person = {name: value for name in _PERSON if (value := getattr(identifiers, name)) is not None}
    times = {name: stamp(at) for name, at in identifiers.click_times.items()}
    return {"identity": {**person, **identifiers.platform_ids}, **({"click_times": times} if times else {})}


def from_json(content: Mapping[str, Any], platform_ids: Iterable[str] = PLATFORM_IDS) -> PersonIdentifiers:
    """Return identifiers from the JSON values of `to_json`, or of a version that had one time for all clicks.

    Parameters
    ----------
    content
        The JSON values.
    platform_ids
        Those of `PLATFORM_IDS` to return.
    """
    identity = content["identity"]
    person = {name: identity[name] for name in _PERSON if name in identity}
    ids = {name: identity[name] for name in platform_ids if name in identity}
    clicked_at = content.get("clicked_at")
    times = content.get("click_times") or (dict.fromkeys(CLICK_FIELDS, clicked_at) if clicked_at else {})
    click_times = {name: datetime.fromisoformat(at) for name, at in times.items() if name in ids}
    return PersonIdentifiers(**person, platform_ids=ids, click_times=click_times)


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
