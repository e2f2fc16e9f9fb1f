"""Look up many words and phrases in a text at the cost of one set intersection.

A lexicon is a data file: a TOML table of lists. An entry is a word (`demo`), the beginning of a word
(`pric*`), or a phrase (`guest post`). Scripts that write no spaces between a noun and its particle
(Korean) are covered by beginnings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

from features.base import LONGEST_TEXT

_WORD = re.compile(r"\w+")


def load(name: str) -> dict[str, Any]:
    """Read a data file of this room, once, at import."""
    return tomllib.loads((resources.files("features") / "data" / name).read_text(encoding="utf-8"))


def words_of(text: str) -> list[str]:
    """Return the words of a text without case; of a very long one, those of its beginning.

    Examples
    --------
    >>> words_of("What's the PRICE?")
    ['what', 's', 'the', 'price']
    """
    return _WORD.findall(text[:LONGEST_TEXT].casefold())


class Lexicon:
    """Words, beginnings of words and phrases.

    Examples
    --------
    >>> buying = Lexicon(["demo", "pric*", "how much"])
    >>> buying.hits(words_of("How much is it? Pricing and a demo, please")), buying.hits(words_of("hello"))
    (3, 0)
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._words: set[str] = set()
        self._stems: dict[str, list[str]] = {}
        self._phrases: dict[str, list[str]] = {}
        for entry in entries:
            parts = words_of(entry)
            if entry.endswith("*"):
                self._stems.setdefault(parts[-1][:2], []).append(parts[-1])
            elif len(parts) > 1:
                self._phrases.setdefault(parts[0], []).append(f" {' '.join(parts)} ")
            else:
                self._words.add(parts[0])

    def hits(self, words: list[str]) -> int:
        """Return how many different entries stand in the words (as `words_of` gives them)."""
        held = set(words)
        found = len(held & self._words)
        if self._stems:
            stems = self._stems
            for start in stems.keys() & {word[:2] for word in held}:
                alike = [word for word in held if word.startswith(start)]
                found += sum(any(word.startswith(stem) for word in alike) for stem in stems[start])
        heads = self._phrases.keys() & held
        if heads:
            joined = f" {' '.join(words)} "
            found += sum(phrase in joined for head in heads for phrase in self._phrases[head])
        return found
