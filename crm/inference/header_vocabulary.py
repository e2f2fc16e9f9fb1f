"""What headers and stages are called, from the tables in `data/`: one file per CRM and language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from crm.inference.header_words import compact, normalise
from leadworth.platform_catalog import click_id_headers

DATA = Path(__file__).parent / "data"
SECTIONS = ("fields", "outcomes", "late", "people")
NEAR = 0.86
"""Similarity above which two spellings count as near; such a match is always doubted."""


@dataclass(frozen=True)
class HeaderMatch:
    """One thing that a header may mean.

    Attributes
    ----------
    section
        "fields", "outcomes", "late" or "people".
    name
        The standard field or outcome setting; the header of the table for late and people.
    strength
        1 as written in the table, less where words were left out or the spelling is only near.
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
        """Tell whether only the spelling is near."""
        return self.strength < 0.7


@dataclass(frozen=True)
class HeaderVocabulary:
    """The table of one CRM or language."""

    name: str
    is_crm: bool
    neutral: frozenset[str]
    negations: tuple[str, ...]
    stages: Mapping[str, tuple[str, ...]]
    entries: Mapping[str, tuple[tuple[str, str, int], ...]] = field(default_factory=dict)
    """Compact header -> (section, name, rank)."""

    def strip(self, words: str) -> str:
        """Return the words without those that do not change the meaning, and without numbers."""
        kept = [word for word in words.split() if word not in self.neutral and not word.isdigit()]
        return "".join(kept)


@dataclass(frozen=True)
class MissingTokens:
    """Signs that mean missing, and signs of currencies."""

    missing: Mapping[str, str]
    currencies: Mapping[str, tuple[str, ...]]
    currency_codes: frozenset[str]


@cache
def vocabulary() -> tuple[HeaderVocabulary, ...]:
    """Return all tables in `data/`, CRMs first; the headers of click ids, which platforms declare, are English."""
    files = (path for path in sorted(DATA.glob("*.toml")) if path.name != "tokens.toml")
    tables = [_read(path, click_id_headers() if path.name == "english.toml" else {}) for path in files]
    return tuple(sorted(tables, key=lambda words: not words.is_crm))


@cache
def tokens() -> MissingTokens:
    """Return the signs in `data/tokens.toml`."""
    content = tomllib.loads((DATA / "tokens.toml").read_text(encoding="utf-8"))
    missing = {token.casefold(): token for token in content["missing"]}
    signs = {sign: tuple(codes) for sign, codes in content["currencies"].items()}
    return MissingTokens(missing, signs, frozenset(content["currency_codes"]))


def _read(path: Path, fields: Mapping[str, Sequence[str]]) -> HeaderVocabulary:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["fields"] = {**content.get("fields", {}), **fields}
    neutral = frozenset(normalise(word) for word in content.get("neutral", ()))
    stages = {kind: tuple(normalise(text) for text in texts) for kind, texts in content.get("stages", {}).items()}
    words = HeaderVocabulary(content["name"], content["kind"] == "crm", neutral, stages.pop("not", ()), stages)
    exact: dict[str, list[tuple[str, str, int]]] = {}
    for section in SECTIONS:
        for name, headers in content.get(section, {}).items():
            for rank, header in enumerate(headers):
                plain = normalise(header)
                exact.setdefault(compact(plain), []).append((section, name, rank))
    return HeaderVocabulary(
        words.name, words.is_crm, neutral, words.negations, stages,
        {key: tuple(found) for key, found in exact.items()},
    )  # fmt: skip


def matches(header: str, crm: str | None = None) -> list[HeaderMatch]:
    """Return what a header may mean, strongest first.

    Parameters
    ----------
    header
        As it stands in the file.
    crm
        The CRM that the file comes from, if known: its table has the first say.

    Examples
    --------
    >>> [(match.section, match.name, match.strength) for match in matches("Kunden-E-Mail")][:1]
    [('fields', 'email', 0.85)]
    >>> matches("Do Not Email")
    []
    """
    words = normalise(header)
    found = [match for table in vocabulary() for match in _in_table(words, table, crm)]
    if not found and len(compact(words)) >= 6:
        found = list(_near(compact(words)))
    return sorted(found, key=lambda match: (-match.strength, match.rank))


def _in_table(words: str, table: HeaderVocabulary, crm: str | None) -> Iterator[HeaderMatch]:
    weight = 1.0
    if table.is_crm:
        weight = 1.1 if table.name == crm else 0.9
    key, strength = compact(words), 1.0
    if key not in table.entries:
        key, strength = table.strip(words), 0.85
    for section, name, rank in table.entries.get(key, ()):
        yield HeaderMatch(section, name, strength * weight, table.name, words, rank, not table.is_crm)


def _near(key: str) -> Iterator[HeaderMatch]:
    for table in vocabulary():
        for entry, meanings in table.entries.items():
            if len(entry) < 5 or entry[0] != key[0] or abs(len(entry) - len(key)) > 2:
                continue
            if SequenceMatcher(None, key, entry).ratio() >= NEAR:
                for section, name, rank in meanings:
                    if section in {"fields", "outcomes"}:
                        yield HeaderMatch(section, name, 0.6, table.name, entry, rank)


def crm_of(headers: list[str]) -> str | None:
    """Return the CRM whose table knows most of the headers, if it knows enough of its own.

    Examples
    --------
    >>> crm_of(["(Do Not Modify) Lead", "Topic", "Status Reason", "Created On"])
    'Dynamics 365'
    >>> crm_of(["First Name", "Email"]) is None
    True
    """
    keys = [compact(normalise(header)) for header in headers]
    tables = [table for table in vocabulary() if table.is_crm]
    scores: dict[str, float] = {}
    for table in tables:
        others = [other for other in tables if other is not table]
        known = [key for key in keys if key in table.entries]
        own = [key for key in known if not any(key in other.entries for other in others)]
        if len(own) >= 5 or (len(own) >= 2 and len(known) >= 0.3 * len(keys)):
            scores[table.name] = len(known) + 2 * len(own)
    return max(scores, key=scores.__getitem__) if scores else None
