"""Plural forms in sentences: `{count} {count|lead|leads}` names the number of a field, then its word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from babel import Locale

from reporting.page.page_model import Quantity

_FORMS = re.compile(r"\{(\w+)\|([^{}]*)\}")
_FEW = 3
"""Number of forms from which the second is that of few."""


def with_plurals(text: str, values: Mapping[str, object], language: str) -> str:
    """Return a sentence with the word of each plural; fields without forms stay.

    The forms are those of one, of few where the language has them, and of many. A field that is no number takes the
    last.

    Examples
    --------
    >>> with_plurals("{count} {count|lead|leads}", {"count": Quantity(1)}, "en")
    '{count} lead'
    >>> [with_plurals("{n|лид|лида|лидов}", {"n": Quantity(n)}, "ru") for n in (21, 3, 11)]
    ['лид', 'лида', 'лидов']
    """

    def word(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        return _form(value.value if isinstance(value, Quantity) else None, match.group(2).split("|"), language)

    return _FORMS.sub(word, text)


def _form(number: float | None, forms: Sequence[str], language: str) -> str:
    if number is None:
        return forms[-1]
    whole = int(number) if number == int(number) else number
    category = Locale.parse(language).plural_form(whole)
    if category == "one":
        return forms[0]
    return forms[1] if category == "few" and len(forms) >= _FEW else forms[-1]
