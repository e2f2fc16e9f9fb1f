"""Lexicon: counts words and phrases of several headings in a text.

A lexicon is a TOML table of lists. An entry is a word (`demo`), a prefix (`pric*`), a suffix (`*leiter`) or a
phrase (`guest post`). Prefixes and suffixes serve languages with compound nouns (German) or particles (Korean).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from features.feature_group import LONGEST_TEXT

CACHED_WORDS = 100_000
CACHED_LENGTH = 40
"""Length of the longest word that is cached, so that a lexicon's cache stays below some 25 MB."""
_Matches = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]


def load(name: str) -> dict[str, Any]:
    """Return the content of a TOML file in `features/data`."""
    return tomllib.loads((resources.files("features") / "data" / name).read_text(encoding="utf-8"))


_ASCII_WORDS = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(128)).ljust(256)
_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Return the case-folded words of the first 5,000 characters of a text.

    Examples
    --------
    >>> words_of("What's the PRICE?")
    ['what', 's', 'the', 'price']
    """
    return words_of_folded(text[:LONGEST_TEXT].casefold())


def words_of_folded(folded: str) -> list[str]:
    """Return the words of a text that is case-folded."""
    if folded.isascii():  # a table of bytes takes half of the time of the pattern
        return folded.encode().translate(_ASCII_WORDS).decode().split()
    return _WORD.findall(folded)


class Lexicon:
    """Words, prefixes, suffixes and phrases, grouped by heading.

    Words that were looked up are cached, because most words of a message match no entry and one set difference
    skips them all. A full cache is emptied.

    Examples
    --------
    >>> buying = Lexicon({"intent": ["demo", "pric*", "how much"], "pitch": ["seo"]})
    >>> buying.hits(words_of("How much is it? Pricing and a demo, please"))
    {'intent': 3, 'pitch': 0}
    """

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        self._headings = tuple(entries)
        self._words: dict[str, list[tuple[str, str]]] = {}
        self._prefixes: dict[str, list[tuple[str, str]]] = {}
        self._suffixes: dict[str, list[tuple[str, str]]] = {}
        self._phrases: dict[str, list[tuple[str, str, str]]] = {}
        for heading, items in entries.items():
            for entry in items:
                parts = words_of(entry)
                if entry.startswith("*"):
                    self._suffixes.setdefault(parts[0][-2:], []).append((parts[0], heading))
                elif entry.endswith("*"):
                    self._prefixes.setdefault(parts[0][:2], []).append((parts[0], heading))
                elif len(parts) > 1:
                    self._phrases.setdefault(parts[0], []).append((parts[1], f" {' '.join(parts)} ", heading))
                else:
                    self._words.setdefault(parts[0], []).append((parts[0], heading))
        self._without_match: set[str] = set()
        self._matches: dict[str, _Matches] = {}

    def hits(self, words: list[str]) -> dict[str, int]:
        """Return the number of distinct entries of each heading that occur in the words (see `words_of`)."""
        distinct = set(words)
        hits: set[tuple[str, str]] = set()
        text = ""
        for word in distinct - self._without_match:
            entries, phrases = self._matches.get(word) or self._match(word)
            hits.update(entries)
            for second, phrase, heading in phrases:
                if second in distinct:
                    text = text or f" {' '.join(words)} "
                    if phrase in text:
                        hits.add((phrase, heading))
        counts = dict.fromkeys(self._headings, 0)
        for _, heading in hits:
            counts[heading] += 1
        return counts

    def _match(self, word: str) -> _Matches:
        """Return the entries that match one word and the phrases that begin with it, and cache them."""
        prefixes = (entry for entry in self._prefixes.get(word[:2], ()) if word.startswith(entry[0]))
        suffixes = (entry for entry in self._suffixes.get(word[-2:], ()) if word.endswith(entry[0]))
        matches = (*self._words.get(word, ()), *prefixes, *suffixes), tuple(self._phrases.get(word, ()))
        if len(word) > CACHED_LENGTH:
            return matches
        if len(self._without_match) + len(self._matches) >= CACHED_WORDS:
            self._without_match = set()
            self._matches = {}
        if any(matches):
            self._matches[word] = matches
        else:
            self._without_match.add(word)
        return matches
