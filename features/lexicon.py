"""Look up many words and phrases in a text at the cost of one set intersection.

A lexicon is a data file: a TOML table of lists. An entry is a word (`demo`), the beginning (`pric*`) or
the end (`*leiter`) of a word, or a phrase (`guest post`). Beginnings and ends serve languages that write
nouns together (German) or a noun and its particle (Korean).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from features.base import LONGEST_TEXT

WORDS_REMEMBERED = 100_000
_Meeting = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str, str], ...]]


def load(name: str) -> dict[str, Any]:
    """Read a data file of this room, once, at import."""
    return tomllib.loads((resources.files("features") / "data" / name).read_text(encoding="utf-8"))


class _Gaps(dict[int, int]):
    """Every character that belongs to no word, as a space."""

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        kept = code if letter.isalnum() or letter == "_" else ord(" ")
        if code < 0x3000:
            self[code] = kept
        return kept


_GAPS = _Gaps()


def words_of(text: str) -> list[str]:
    """Return the words of a text without case; of a very long one, those of its beginning.

    Examples
    --------
    >>> words_of("What's the PRICE?")
    ['what', 's', 'the', 'price']
    """
    return text[:LONGEST_TEXT].casefold().translate(_GAPS).split()


class Lexicon:
    """Words, beginnings of words and phrases, under headings.

    Examples
    --------
    >>> buying = Lexicon({"intent": ["demo", "pric*", "how much"], "pitch": ["seo"]})
    >>> buying.hits(words_of("How much is it? Pricing and a demo, please"))
    {'intent': 3, 'pitch': 0}
    """

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        self._headings = tuple(entries)
        self._words: dict[str, list[tuple[str, str]]] = {}
        self._stems: dict[str, list[tuple[str, str]]] = {}
        self._ends: dict[str, list[tuple[str, str]]] = {}
        self._phrases: dict[str, list[tuple[str, str, str]]] = {}
        for heading, listed in entries.items():
            for entry in listed:
                parts = words_of(entry)
                if entry.startswith("*"):
                    self._ends.setdefault(parts[0][-2:], []).append((parts[0], heading))
                elif entry.endswith("*"):
                    self._stems.setdefault(parts[0][:2], []).append((parts[0], heading))
                elif len(parts) > 1:
                    self._phrases.setdefault(parts[0], []).append((parts[1], f" {' '.join(parts)} ", heading))
                else:
                    self._words.setdefault(parts[0], []).append((parts[0], heading))
        self._idle: set[str] = set()
        self._telling: dict[str, _Meeting] = {}

    def hits(self, words: list[str]) -> dict[str, int]:
        """Return how many different entries of each heading stand in the words (as `words_of` gives them)."""
        held = set(words)
        found: set[tuple[str, str]] = set()
        joined = ""
        for word in held - self._idle:
            entries, phrases = self._telling.get(word) or self._judge(word)
            found.update(entries)
            for second, phrase, heading in phrases:
                if second in held:
                    joined = joined or f" {' '.join(words)} "
                    if phrase in joined:
                        found.add((phrase, heading))
        counts = dict.fromkeys(self._headings, 0)
        for _, heading in found:
            counts[heading] += 1
        return counts

    def _judge(self, word: str) -> _Meeting:
        """Return the entries that one word meets and the phrases that it begins, and remember them."""
        stems = (entry for entry in self._stems.get(word[:2], ()) if word.startswith(entry[0]))
        ends = (entry for entry in self._ends.get(word[-2:], ()) if word.endswith(entry[0]))
        meeting = (*self._words.get(word, ()), *stems, *ends), tuple(self._phrases.get(word, ()))
        if len(self._idle) + len(self._telling) >= WORDS_REMEMBERED:
            self._idle, self._telling = set(), {}
        if any(meeting):
            self._telling[word] = meeting
        else:
            self._idle.add(word)
        return meeting
