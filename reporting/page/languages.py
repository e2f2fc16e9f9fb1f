"""Sentences of the page in the reader's language, from gettext catalogues that Babel reads at first use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import get_args

from babel.core import negotiate_locale
from babel.messages.pofile import read_po

from leadworth.errors import LeadworthError
from leadworth.report_settings import Language
from reporting.page.number_format import NumberFormat
from reporting.page.page_model import Message, Quantity
from reporting.page.plural_forms import with_plurals

LANGUAGES: tuple[str, ...] = get_args(Language)
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "it": "Italiano",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ru": "Русский",
    "ko": "한국어",
}
"""Language -> its own name: to read them from Babel would load the data of every language for the first page."""
NAME_LENGTH = 80
"""Longest name that the page shows in full: names of campaigns come from links of visitors."""
_FIELD = re.compile(r"\{(\w+)\}")
_INVISIBLE = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations of a language by English text.

    Examples
    --------
    >>> catalogue("de")["Channels"]
    'Kanäle'
    """
    with (files("reporting.page") / "locale" / f"{language}.po").open("rb") as source:
        read = read_po(source, locale=language)
    return {str(message.id): str(message.string) for message in read if message.id and message.string}


def display_name(name: str) -> str:
    r"""Return a name as it is shown: one line, without invisible marks of direction, at most 80 characters.

    Examples
    --------
    >>> display_name("spring\u202e2026\n sale")
    'spring2026 sale'
    """
    visible = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in name if sign not in _INVISIBLE
    )
    line = " ".join(visible.split())
    return line if len(line) <= NAME_LENGTH else f"{line[: NAME_LENGTH - 1]}…"


def chosen_language(wanted: str | None, accepted: str | None, default: str) -> str:
    """Return the language of a reader: the one of the address, else of the browser, else of the settings.

    Parameters
    ----------
    wanted
        Value of `lang` in the address.
    accepted
        Header Accept-Language.
    default
        Language of the settings.

    Examples
    --------
    >>> chosen_language(None, "de-CH;q=0.7, fr;q=0.9, *;q=0.1", "en")
    'fr'
    >>> chosen_language("ko", "de", "en")
    'ko'
    """
    if wanted in LANGUAGES:
        return str(wanted)
    ordered = [tag for _, tag in sorted(map(_preference, (accepted or "").split(",")), key=lambda pair: -pair[0])]
    short = [tag.split("-")[0].lower() for tag in ordered]
    return negotiate_locale(short, LANGUAGES) or default


def _preference(entry: str) -> tuple[float, str]:
    """Return weight and tag of an entry of Accept-Language; an unreadable weight counts as 0."""
    tag, _, rest = entry.strip().partition(";")
    match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
    weight = float(match.group(1)) if match else 1.0 if not rest else 0.0
    return (weight, tag.strip()) if weight > 0 else (0.0, "")


class Translator:
    """Sentences and numbers of one language and time zone.

    Parameters
    ----------
    language
        One of `LANGUAGES`.
    zone
        IANA name of the page's time zone.
    """

    def __init__(self, language: str, zone: str) -> None:
        if language not in LANGUAGES:
            raise LeadworthError(
                f"language {language!r} of the page", allowed=", ".join(LANGUAGES), do="use one of them"
            )
        self.language = language
        self.numbers = NumberFormat(language, zone)
        self._catalogue = catalogue(language)

    def text(self, message: Message | str, *, exact: bool = False) -> str:
        """Return a sentence in the language, its fields filled in; a text that is no message is a name.

        Parameters
        ----------
        message
            Sentence, or a name.
        exact
            Whether amounts are written in full instead of with three digits.

        Raises
        ------
        LeadworthError
            Where a field has no value.
        """
        if isinstance(message, str):
            return display_name(message)
        translated = self._catalogue.get(message.text, message.text)
        translated = with_plurals(translated, message.values, self.language)

        def fill(match: re.Match[str]) -> str:
            if match.group(1) not in message.values:
                raise LeadworthError(
                    f"field {match.group()} of {message.text!r} has no value",
                    allowed=", ".join(message.values) or "no fields",
                    do="pass it in `values`, or correct the catalogue",
                )
            return self._value(message.values[match.group(1)], exact=exact)

        return _FIELD.sub(fill, translated)

    def _value(self, value: Quantity | Message | str | date | datetime, *, exact: bool) -> str:
        if isinstance(value, Quantity):
            return self.numbers.exact(value) if exact else self.numbers.compact(value)
        if isinstance(value, datetime):
            return self.numbers.moment(value)
        if isinstance(value, date):
            return self.numbers.day(value)
        return self.text(value, exact=exact)
