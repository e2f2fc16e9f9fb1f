"""Headers of columns that sales fills while it works a lead, by their words."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from crm.inference.header_words import normalise

PHRASES = Path(__file__).parent / "data" / "sales_work" / "phrases.toml"
_MOST_WORDS = 5


@cache
def _phrases() -> tuple[tuple[frozenset[str], ...], frozenset[str]]:
    content = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    phrases = sorted({frozenset(normalise(phrase).split()) for phrase in content["phrases"]}, key=len, reverse=True)
    return tuple(phrases), frozenset(content["form"])


def sales_phrase(header: str) -> str:
    """Return the words of a header that mean that sales fills the column; empty if none do.

    Examples
    --------
    >>> sales_phrase("Call Status"), sales_phrase("last_activity_date"), sales_phrase("Motivo del rifiuto")
    ('call status', 'activity last', 'motivo rifiuto')
    >>> sales_phrase("Marital status"), sales_phrase("How may you be contacted?"), sales_phrase("Funding stage")
    ('', '', '')
    """
    phrases, form = _phrases()
    words = set(normalise(header).split())
    if words & form or len(words) > _MOST_WORDS:
        return ""
    for phrase in phrases:
        if phrase == words or (len(phrase) > 1 and phrase <= words):
            return " ".join(sorted(phrase))
    return ""
