"""Header table of one CRM or language: a file of `data/`, and the spellings under which a header is found in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from crm.inference.header_words import any_order, compact, normalise, without_particles
from crm.inference.stage_phrases import StagePhrases, read_phrases

SECTIONS = ("fields", "outcomes", "late", "people")
UNRELATED = "unrelated"
"""Section of headers that resemble others, such as the title of a deal, and have none of the meanings."""
_EVERY_MEANING: frozenset[tuple[str, str]] = frozenset()
_MEANINGS_OF_DEALS = frozenset(
    {("outcomes", ""), ("late", ""), ("people", ""), (UNRELATED, "")}
    | {("fields", name) for name in ("company", "source", "medium", "campaign", "full_name")}
)
"""Meanings of a header about a deal; a name of "" is any."""
_ID = "id"
_MEANINGS_OF_IDS = frozenset({("people", "")})
"""Meanings of a header about the id of something: "owner id" is a person, "company id" is no company."""


class HeaderSpelling(NamedTuple):
    """A key of a header: the strength of a match and the meanings it may have; no meanings: any."""

    key: str
    strength: float
    meanings: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class HeaderTable:
    """Vocabulary of one CRM or language.

    Attributes
    ----------
    particles
        Articles and prepositions, which are ignored in headers and entries.
    neutral
        Words of a header that do not change its meaning, such as "contact".
    deal_words
        Words that say that a header is about a deal: without them it may mean an outcome, never a field of a person.
    ignorable
        All words that may be left out of a header.
    unspaced
        Whether words are written without spaces: neutral words are then removed from the start of a header.
    stages
        Meanings of stages.
    entries
        Compact header -> (section, name, rank).
    """

    name: str
    is_crm: bool
    particles: frozenset[str]
    neutral: frozenset[str]
    deal_words: frozenset[str]
    ignorable: frozenset[str]
    unspaced: bool
    stages: StagePhrases
    entries: Mapping[str, tuple[tuple[str, str, int], ...]]

    def has_meaning(self, key: str) -> bool:
        """Return whether a compact header is listed with a meaning, not as unrelated."""
        return any(section != UNRELATED for section, _, _ in self.entries.get(key, ()))

    def spellings(self, words: str) -> Iterator[HeaderSpelling]:
        """Yield the spellings under which a header may be listed."""
        written = words.split()
        if not self.unspaced and self.ignorable.isdisjoint(written) and not any(map(str.isdigit, written)):
            yield HeaderSpelling("".join(written), 1.0, _EVERY_MEANING)
            yield HeaderSpelling(any_order(written), 0.85, _EVERY_MEANING)
            return
        yield from self._shortened(written, 1.0, _EVERY_MEANING, frozenset())
        without_deal = [word for word in written if word not in self.deal_words]
        yield from self._shortened(without_deal, 0.85, _MEANINGS_OF_DEALS, self.deal_words)
        without_id = [word.removesuffix(_ID) if self.unspaced else word for word in written if word != _ID]
        if without_id != written:
            yield from self._shortened(without_id, 0.85, _MEANINGS_OF_IDS, frozenset())

    def _shortened(
        self, words: list[str], strength: float, meanings: frozenset[tuple[str, str]], ignored: frozenset[str]
    ) -> Iterator[HeaderSpelling]:
        """Yield words as written, without particles and without neutral words, also in any order."""
        shortened = without_particles(words, self.particles, self.unspaced)
        bare = [word for word in shortened if word not in self.neutral and not word.isdigit()]
        yield HeaderSpelling("".join(words), strength, meanings)
        yield HeaderSpelling("".join(shortened), strength, meanings)
        yield HeaderSpelling(any_order(shortened), 0.85, meanings)
        yield HeaderSpelling(self._without_prefix("".join(bare), self.neutral | ignored), 0.85, meanings)
        yield HeaderSpelling(any_order(bare), 0.8, meanings)

    def _without_prefix(self, key: str, ignored: frozenset[str]) -> str:
        """Return a key without the ignored words at its start, if words are written without spaces."""
        prefixes = sorted(ignored, key=len, reverse=True) if self.unspaced else []
        while prefix := next((word for word in prefixes if key.startswith(word) and len(key) > len(word) + 1), ""):
            if key in self.entries:
                break
            key = key.removeprefix(prefix)
        return key


def read_header_table(path: Path, fields: Mapping[str, Sequence[str]] | None = None) -> HeaderTable:
    """Return the vocabulary of one TOML file, with further headers of fields."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["fields"] = {**content.get("fields", {}), **(fields or {})}
    particles = frozenset(normalise(word) for word in content.get("particles", ()))
    unspaced = content.get("unspaced", False)
    neutral, deal_words = (
        frozenset(without_particles([normalise(word) for word in content.get(key, ())], particles, unspaced))
        for key in ("neutral", "deal_words")
    )
    return HeaderTable(
        name=content["name"],
        is_crm=content["kind"] == "crm",
        particles=particles,
        neutral=neutral,
        deal_words=deal_words,
        ignorable=particles | neutral | deal_words | {_ID},
        unspaced=unspaced,
        stages=read_phrases(content.get("stages", {}), content.get("whole_stages", {})),
        entries=_read_entries(content, particles, unspaced),
    )


def _read_entries(
    content: Mapping[str, Any], particles: frozenset[str], unspaced: bool
) -> dict[str, tuple[tuple[str, str, int], ...]]:
    """Return the headers of all sections as written; without particles and in any order, if no other is written so."""
    written: dict[str, list[tuple[str, str, int]]] = {}
    shortened: dict[str, list[tuple[str, str, int]]] = {}
    unordered: dict[str, list[tuple[str, str, int]]] = {}
    for section in (*SECTIONS, UNRELATED):
        for name, headers in content.get(section, {}).items():
            for rank, header in enumerate(headers):
                words = normalise(header)
                short = without_particles(words.split(), particles, unspaced)
                for keys, key in (
                    (written, compact(words)),
                    (shortened, "".join(short)),
                    (unordered, any_order(short)),
                ):
                    keys.setdefault(key, []).append((section, name, rank))
    entries = unordered | shortened | written
    return {key: tuple(meanings) for key, meanings in entries.items() if key}
