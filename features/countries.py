"""Which country a text names."""

from __future__ import annotations

import re

from features.base import key
from features.lexicon import load

_PUNCTUATION = re.compile(r"[^\w]+")


def _plain(name: str) -> str:
    return _PUNCTUATION.sub(" ", name.casefold()).strip()


_NAMES = load("countries.toml")
_REGIONS: dict[str, str] = {_plain(name): region for region, names in _NAMES.items() for name in (*names, region)}


def region_of(country: str | None) -> str | None:
    """Return the ISO 3166 code of two letters for a country's code or name, or None.

    Knows the names in English, Italian, German, French, Spanish, Russian and Korean.

    Examples
    --------
    >>> region_of("it"), region_of("Deutschland"), region_of("U.S.A."), region_of("Atlantis")
    ('IT', 'DE', 'US', None)
    """
    if country is None:
        return None
    known = _REGIONS.get(country.casefold())
    return known or _REGIONS.get(_plain(country[:100]))


def country_key(country: str | None) -> str | None:
    """Return a country as a category: its code where it is known, else the text.

    Examples
    --------
    >>> country_key("Italia"), country_key("IT"), country_key("Atlantis")
    ('it', 'it', 'atlantis')
    """
    region = region_of(country)
    return region.lower() if region else key(country)
