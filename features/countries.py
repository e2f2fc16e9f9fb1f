"""Country codes: the ISO 3166 code of a country name in seven languages."""

from __future__ import annotations

import re
from functools import lru_cache

from features.feature_group import key
from features.lexicon import load

_PUNCTUATION = re.compile(r"[^\w]+")


def _plain(name: str) -> str:
    return _PUNCTUATION.sub(" ", name.casefold()).strip()


_NAMES = load("countries.toml")
_REGIONS: dict[str, str] = {_plain(name): region for region, names in _NAMES.items() for name in (*names, region)}


# Countries repeat, and four callers read that of a lead. At most 2,000 texts.
@lru_cache(maxsize=2_000)
def region_of(country: str | None) -> str | None:
    """Return the two-letter ISO 3166 code of a country, given by code or name; None where it is unknown.

    Names may be in English, Italian, German, French, Spanish, Russian or Korean.

    Examples
    --------
    >>> region_of("it"), region_of("Deutschland"), region_of("U.S.A."), region_of("Atlantis")
    ('IT', 'DE', 'US', None)
    """
    if country is None:
        return None
    return _REGIONS.get(country.casefold()) or _REGIONS.get(_plain(country[:100]))


def country_key(country: str | None) -> str | None:
    """Return a country as a category: its code in lower case, or the text where the country is unknown.

    Examples
    --------
    >>> country_key("Italia"), country_key("IT"), country_key("Atlantis")
    ('it', 'it', 'atlantis')
    """
    region = region_of(country)
    return region.lower() if region else key(country)
