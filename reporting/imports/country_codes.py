"""Codes of countries from their names in the languages of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

LANGUAGES = ("en", "it", "de", "fr", "es", "pt", "ru", "ko")
_PLACEHOLDERS = frozenset({"ZZ", "EU", "UN"})


@cache
def country_code(written: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country; empty where it is missing or no country.

    Examples
    --------
    >>> country_code("it"), country_code("Germany"), country_code("대한민국"), country_code("ita"), country_code("?")
    ('IT', 'DE', 'KR', 'IT', '')
    """
    text = written.strip()
    if len(text) == 2 and text.isascii() and text.isalpha():
        return text.upper()
    if len(text) == 3 and text.isascii():
        aliases = get_global("territory_aliases").get(text.upper(), ())
        return str(aliases[0]) if len(aliases) == 1 else ""
    return _codes().get(text.casefold(), "")


@cache
def _codes() -> Mapping[str, str]:
    return {
        name.casefold(): code
        for language in reversed(LANGUAGES)
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code not in _PLACEHOLDERS
    }
