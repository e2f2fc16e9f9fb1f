"""Normalise column headers: "Lead_Source__c", "leadSource" and "LEAD SOURCE:" have the same words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CUSTOM = re.compile(r"__(?:c|pc|r)$", re.IGNORECASE)
_VOICING = 8
"""Combining class of the Japanese voicing marks."""
_SEPARATORS = re.compile(r"[\W_]+")


def normalise(header: str) -> str:
    """Return the words of a header, in lower case, without accents and punctuation.

    Camel case is split if the header has no spaces; the suffix of Salesforce's custom fields is removed.

    Examples
    --------
    >>> normalise("Lead_Source__c"), normalise("leadSource"), normalise("TotalVisits"), normalise("Prénom :")
    ('lead source', 'lead source', 'total visits', 'prenom')
    >>> normalise("E-Mail-Adresse"), normalise("Straße"), normalise("유입 경로"), normalise("№ заявки")
    ('e mail adresse', 'strasse', '유입 경로', 'no заявки')
    >>> normalise("ﾒｰﾙｱﾄﾞﾚｽ")
    'メールアドレス'
    """
    text = _CUSTOM.sub("", unicodedata.normalize("NFKC", header).strip())
    if " " not in text:
        text = _CAMEL.sub(" ", text)
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not _is_accent(char))
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", bare).casefold()).strip()


def _is_accent(char: str) -> bool:
    """Return whether a character is an accent; the voicing marks of Japanese make other letters and are none."""
    return unicodedata.combining(char) not in {0, _VOICING}


def compact(words: str) -> str:
    """Return normalised words without the spaces between them.

    Examples
    --------
    >>> compact("e mail")
    'email'
    """
    return words.replace(" ", "")


def without_particles(words: Sequence[str], particles: Collection[str], unspaced: bool) -> list[str]:
    """Return words without particles such as articles; in unspaced writing, particles inside words are removed too.

    Examples
    --------
    >>> without_particles(["data", "di", "creazione"], {"di"}, unspaced=False)
    ['data', 'creazione']
    >>> without_particles(["リードの状況"], {"の"}, unspaced=True)
    ['リード状況']
    """
    rest = [word for word in words if word not in particles]
    if unspaced:
        for particle in particles:
            rest = [word.replace(particle, "") for word in rest]
    return [word for word in rest if word]


def any_order(words: Sequence[str]) -> str:
    """Return a key that is the same for words in any order; empty for a single word.

    Examples
    --------
    >>> any_order(["source", "lead"]) == any_order(["lead", "source"]), any_order(["source"])
    (True, '')
    """
    return "|".join(sorted(words)) if len(words) > 1 else ""
