"""Header and stage vocabularies, one file of `data/` per CRM and per language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from crm.inference.header_words import any_order, compact, normalise, without_particles
from crm.inference.stage_phrases import StagePhrases, read_phrases
from leadworth.platform_catalog import click_id_headers

DATA = Path(__file__).parent / "data"
SECTIONS = ("fields", "outcomes", "late", "people")
UNRELATED = "unrelated"
"""Section of headers that resemble others, such as the title of a deal, and have none of the meanings."""
_EVERY_MEANING: frozenset[tuple[str, str]] = frozenset()
_MEANINGS_OF_DEALS = frozenset(
    {("outcomes", ""), ("late", ""), ("people", ""), (UNRELATED, "")}
    | {("fields", name) for name in ("company", "source", "medium", "campaign", "full_name")}
)
"""Meanings of a header about a deal; a name of "" is any."""
_MEANINGS_OF_IDS = frozenset({("people", "")})
"""Meanings of a header about the id of something: "owner id" is a person, "company id" is no company."""
NEAR = 0.86
"""Similarity above which two spellings are near; a near match is confirmed by values or reported as a warning."""


@dataclass(frozen=True)
class HeaderMatch:
    """A possible meaning of a header.

    Attributes
    ----------
    section
        "fields", "outcomes", "late" or "people".
    name
        Standard field or outcome setting; "headers" in the sections late and people.
    strength
        1 for an exact match, less if words were ignored or the spelling is only near.
    origin
        Name of the vocabulary.
    entry
        Words that matched.
    rank
        Position in the vocabulary; lower is preferred.
    """

    section: str
    name: str
    strength: float
    origin: str
    entry: str
    rank: int
    is_language: bool = True

    @property
    def near(self) -> bool:
        """Whether only the spelling is near."""
        return self.strength < 0.7


@dataclass(frozen=True)
class HeaderSpelling:
    """A key of a header: the strength of a match and the meanings it may have; no meanings: any."""

    key: str
    strength: float
    meanings: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class HeaderVocabulary:
    """Vocabulary of one CRM or language.

    Attributes
    ----------
    particles
        Articles and prepositions, which are ignored in headers and entries.
    neutral
        Words of a header that do not change its meaning, such as "contact".
    deal_words
        Words that say that a header is about a deal: without them it may mean an outcome, never a field of a person.
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
    unspaced: bool
    stages: StagePhrases
    entries: Mapping[str, tuple[tuple[str, str, int], ...]]

    def spellings(self, words: str) -> Iterator[HeaderSpelling]:
        """Yield the spellings under which a header may be listed."""
        written = words.split()
        yield from self._shortened(written, 1.0, _EVERY_MEANING, frozenset())
        without_deal = [word for word in written if word not in self.deal_words]
        yield from self._shortened(without_deal, 0.85, _MEANINGS_OF_DEALS, self.deal_words)
        without_id = [word.removesuffix("id") if self.unspaced else word for word in written if word != "id"]
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


@dataclass(frozen=True)
class ValueTokens:
    """Tokens that mean missing, and symbols and codes of currencies."""

    missing: Mapping[str, str]
    currencies: Mapping[str, tuple[str, ...]]
    currency_codes: frozenset[str]


@cache
def vocabulary() -> tuple[HeaderVocabulary, ...]:
    """Return all vocabularies of `data/`: CRMs, English with the click ids of the platforms, other languages."""
    files = (path for path in sorted(DATA.glob("*.toml")) if path.name != "tokens.toml")
    tables = [read_vocabulary(path, click_id_headers() if path.name == "english.toml" else {}) for path in files]
    return tuple(sorted(tables, key=lambda words: (not words.is_crm, words.name != "English")))


@cache
def tokens() -> ValueTokens:
    """Return the tokens of `data/tokens.toml`."""
    content = tomllib.loads((DATA / "tokens.toml").read_text(encoding="utf-8"))
    missing = {token.casefold(): token for token in content["missing"]}
    symbols = {symbol: tuple(codes) for symbol, codes in content["currencies"].items()}
    return ValueTokens(missing, symbols, frozenset(content["currency_codes"]))


def read_vocabulary(path: Path, fields: Mapping[str, Sequence[str]] | None = None) -> HeaderVocabulary:
    """Return the vocabulary of one TOML file, with further headers of fields."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["fields"] = {**content.get("fields", {}), **(fields or {})}
    particles, neutral, deal_words = (
        frozenset(normalise(word) for word in content.get(key, ())) for key in ("particles", "neutral", "deal_words")
    )
    return HeaderVocabulary(
        name=content["name"],
        is_crm=content["kind"] == "crm",
        particles=particles,
        neutral=neutral,
        deal_words=deal_words,
        unspaced=content.get("unspaced", False),
        stages=read_phrases(content.get("stages", {}), content.get("whole_stages", {})),
        entries=_read_entries(content, particles, content.get("unspaced", False)),
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


def match_header(header: str, crm: str | None = None) -> list[HeaderMatch]:
    """Return the possible meanings of a header, strongest first.

    Parameters
    ----------
    header
        Header of the file.
    crm
        CRM that the file comes from, if detected: its vocabulary is preferred.

    Examples
    --------
    >>> [(match.section, match.name, match.strength) for match in match_header("Kunden-E-Mail")][:1]
    [('fields', 'email', 0.85)]
    >>> match_header("Do Not Email")
    []
    """
    words = normalise(header)
    matches = [match for table in vocabulary() for match in _exact_matches(words, table, crm)]
    if not matches and len(compact(words)) >= 6:
        matches = list(_near_matches(compact(words)))
    unrelated = max((match.strength for match in matches if match.section == UNRELATED), default=0.0)
    related = [match for match in matches if match.strength > unrelated]
    return sorted(related, key=lambda match: (-match.strength, match.rank))


def _exact_matches(words: str, table: HeaderVocabulary, crm: str | None) -> Iterator[HeaderMatch]:
    weight = 1.0
    if table.is_crm:
        weight = 1.1 if table.name == crm else 0.9
    for spelling in table.spellings(words):
        if spelling.key not in table.entries:
            continue
        for section, name, rank in table.entries[spelling.key]:
            if not spelling.meanings or (section, name) in spelling.meanings or (section, "") in spelling.meanings:
                yield HeaderMatch(section, name, spelling.strength * weight, table.name, words, rank, not table.is_crm)
        return


def _near_matches(key: str) -> Iterator[HeaderMatch]:
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(key)
    for table in vocabulary():
        for entry, meanings in table.entries.items():
            if len(entry) < 5 or entry[0] != key[0] or abs(len(entry) - len(key)) > 2:
                continue
            matcher.set_seq1(entry)
            if matcher.quick_ratio() >= NEAR and matcher.ratio() >= NEAR:
                for section, name, rank in meanings:
                    if section in {"fields", "outcomes"}:
                        yield HeaderMatch(section, name, 0.6, table.name, entry, rank)


def detect_crm(headers: list[str]) -> str | None:
    """Return the CRM whose vocabulary has most of the headers, if enough of them are its own.

    Examples
    --------
    >>> detect_crm(["(Do Not Modify) Lead", "Topic", "Status Reason", "Created On"])
    'Dynamics 365'
    >>> detect_crm(["First Name", "Email"]) is None
    True
    """
    keys = [compact(normalise(header)) for header in headers]
    tables = [table for table in vocabulary() if table.is_crm]
    scores: dict[str, float] = {}
    for table in tables:
        others = [other for other in tables if other is not table]
        matched = [key for key in keys if key in table.entries]
        own = [key for key in matched if not any(key in other.entries for other in others)]
        if len(own) >= 5 or (len(own) >= 2 and len(matched) >= 0.3 * len(keys)):
            scores[table.name] = len(matched) + 2 * len(own)
    return max(scores, key=scores.__getitem__) if scores else None
