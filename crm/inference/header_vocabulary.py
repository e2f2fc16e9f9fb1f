"""Header and stage vocabularies, one file of `data/` per CRM and per language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from crm.inference.header_table import UNRELATED, HeaderTable, read_header_table
from crm.inference.header_words import compact, normalise
from leadworth.platform_catalog import click_id_headers

DATA = Path(__file__).parent / "data"
NEAR = 0.86
"""Similarity above which two spellings are near; a near match is confirmed by values or reported as a warning."""
_PERCENTAGE = re.compile(r"[%％٪]|\b(?:percent|pct|prozent|procent)\b", re.IGNORECASE)


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
class ValueTokens:
    """Tokens that mean missing, and symbols and codes of currencies."""

    missing: Mapping[str, str]
    currencies: Mapping[str, tuple[str, ...]]
    currency_codes: frozenset[str]

    def has_symbol(self, symbol: str, written: str) -> bool:
        """Return whether a text has the symbol of a currency; of two letters ("kr") only as a word."""
        if len(symbol) > 2 or not (symbol.isascii() and symbol.isalpha()):
            return symbol in written
        return re.search(rf"(?<![^\W\d_]){symbol}(?![^\W\d_])", written) is not None


@cache
def vocabulary() -> tuple[HeaderTable, ...]:
    """Return all vocabularies of `data/`: CRMs, English with the click ids of the platforms, other languages."""
    files = (path for path in sorted(DATA.glob("*.toml")) if path.name != "tokens.toml")
    tables = [read_header_table(path, click_id_headers() if path.name == "english.toml" else {}) for path in files]
    return tuple(sorted(tables, key=lambda words: (not words.is_crm, words.name != "English")))


@cache
def tokens() -> ValueTokens:
    """Return the tokens of `data/tokens.toml`."""
    content = tomllib.loads((DATA / "tokens.toml").read_text(encoding="utf-8"))
    missing = {token.casefold(): token for token in content["missing"]}
    symbols = {symbol: tuple(codes) for symbol, codes in content["currencies"].items()}
    return ValueTokens(missing, symbols, frozenset(content["currency_codes"]))


def match_header(header: str, crm: str | None = None) -> list[HeaderMatch]:
    """Return the possible meanings of a header, strongest first.

    An outcome with a percentage, such as "Won %", is a forecast of sales, so it is late.

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
    >>> {match.section for match in match_header("Won %")}, {match.section for match in match_header("Won?")}
    ({'late'}, {'outcomes'})
    """
    words = normalise(header)
    matches = [match for table in vocabulary() for match in _exact_matches(words, table, crm)]
    if not matches and len(compact(words)) >= 6:
        matches = list(_near_matches(compact(words)))
    if _PERCENTAGE.search(header):
        matches = [_as_forecast(match) for match in matches]
    unrelated = max((match.strength for match in matches if match.section == UNRELATED), default=0.0)
    related = [match for match in matches if match.strength > unrelated]
    return sorted(related, key=lambda match: (-match.strength, match.rank))


def _as_forecast(match: HeaderMatch) -> HeaderMatch:
    return replace(match, section="late", name="headers") if match.section == "outcomes" else match


def _exact_matches(words: str, table: HeaderTable, crm: str | None) -> Iterator[HeaderMatch]:
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
        matched = [key for key in keys if table.has_meaning(key)]
        own = [key for key in matched if not any(key in other.entries for other in others)]
        if len(own) >= 5 or (len(own) >= 2 and len(matched) >= 0.3 * len(keys)):
            scores[table.name] = len(matched) + 2 * len(own)
    return max(scores, key=scores.__getitem__) if scores else None
