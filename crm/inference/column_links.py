"""Column links: pairs of columns of two files that hold the same ids under any names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crm.id_lists import split_ids
from crm.id_matching import IdIndex, canonical_ids, is_grouped
from crm.inference.column_profile import ColumnProfile, sort_keys
from crm.inference.export_profile import ExportProfile
from crm.inference.header_words import normalise
from crm.inference.row_sample import distinct_values

MIN_OVERLAP = 0.5
_MIN_REFERENCE_OVERLAP = 0.8
_DISTINCTIVE_OVERLAP = 0.1
_LONG = 8
_MIN_SHARED = 3
_SURE_SHARED = 20
_MOST_ASSOCIATED = 4
_MANY_PAIRS = 30
_MOST_FOLLOW = 0.97
_FEW_FOLLOW = 0.8
_FOLLOWER_UNIQUE = 0.5
_MOST_DATES = 4
_DAY = 86_400.0
_MOST_SAMPLED = 4_000
_MOST_SCREENED = 400
_NEVER_KEYS = frozenset({"moment", "constant", "empty", "flag", "text", "user_agent", "url", "ip", "masked", "range"})
_AMOUNT = re.compile(r"\d[.,]\d{2}(?!\d)\D*$|,\d{3}\.\d|\.\d{3},\d")
"""Cents, or both marks: "12,50" is an amount, not a list of two ids."""
_ID_WORDS = frozenset({"id", "ids", "no", "nr", "number", "numbers", "key", "code", "uuid", "guid", "ref", "reference"})
_GENERIC = _ID_WORDS | {"record", "row", "associated", "converted", "original", "primary", "external", "crm", "c"}
_ENTITIES = (
    {"lead", "leads", "prospect", "prospects", "mql", "enquiry", "inquiry"},
    {"contact", "contacts", "person", "people", "customer", "customers"},
    {"deal", "deals", "opportunity", "opportunities", "opp", "opps"},
    {"company", "companies", "account", "accounts", "organisation", "organization"},
)
_SMALL = 1_000
"""Integers that start below this number occur in any table: counts, positions, ids that count from one."""


@dataclass(frozen=True)
class KeyColumn:
    """A column of a file that may hold ids.

    Attributes
    ----------
    unique
        Whether (nearly) every row has a value of its own.
    """

    export: ExportProfile
    column: ColumnProfile
    unique: bool

    @property
    def name(self) -> str:
        """Header of the column."""
        return self.column.name

    @cached_property
    def index(self) -> IdIndex:
        """Index of all ids of the file."""
        sample = self.export.sample
        if len(self.export.values(self.name)) == sample.rows:
            return IdIndex(pd.Series(list(self.column.counts), dtype="str"))
        missing = set(self.export.missing)
        return IdIndex(pd.Series(sorted(distinct_values(sample.path, self.name) - missing), dtype="str"))

    @cached_property
    def index_of_rows(self) -> IdIndex:
        """Index of the ids of the sampled rows."""
        return IdIndex(pd.Series(self.export.values(self.name), dtype="str").replace("", None))

    @property
    def date_keys(self) -> list[NDArray[np.float64]]:
        """Seconds of each date column of the file, shape (n,)."""
        dates = [column for column in self.export.columns.values() if column.dates and not column.mixed]
        return [sort_keys(column, self.export.values(column.name)) for column in dates[:_MOST_DATES]]

    @cached_property
    def sampled(self) -> pd.Series:
        """Distinct values of the sampled rows, evenly spaced."""
        values = list(self.column.counts)
        return pd.Series(values[:: max(len(values) // _MOST_SAMPLED, 1)], dtype="str")

    @cached_property
    def screened(self) -> pd.Series:
        """A few of the values: where none of them is in another column, the columns hold other ids."""
        return self.sampled.iloc[:: max(len(self.sampled) // _MOST_SCREENED, 1)]

    @cached_property
    def distinctive(self) -> bool:
        """Whether the ids are long codes or e-mail addresses, which do not meet by chance."""
        return self.integers is None and float(self.sampled.str.len().median()) >= _LONG

    @cached_property
    def integers(self) -> tuple[float, float] | None:
        """Smallest and largest value, if all are whole numbers."""
        written = pd.Series(list(self.column.counts), dtype="str")
        numbers = pd.to_numeric(pd.Series(canonical_ids(written), dtype="str"), errors="coerce")
        if numbers.isna().any() or not len(numbers) or (numbers % 1 != 0).any():
            return None
        return float(numbers.min()), float(numbers.max())


@dataclass(frozen=True)
class ColumnLink:
    """Two columns with the same ids.

    Attributes
    ----------
    left, right
        Columns of the two files.
    overlap
        Share of the distinct values of `right` that `left` has.
    named
        Whether the headers mean the same too.
    by_chance
        Whether only equal headers or the order in time distinguish the ids from two columns that count from one.
    """

    left: KeyColumn
    right: KeyColumn
    overlap: float
    named: bool
    by_chance: bool = False

    @property
    def score(self) -> float:
        """How well the columns fit; at most 1.3."""
        return self.overlap + 0.3 * self.named - 0.3 * self.by_chance


def key_columns(export: ExportProfile) -> list[KeyColumn]:
    """Return the columns of a file that may hold ids."""
    named = _named_ids(export)
    return [
        KeyColumn(export, column, unique=_is_unique(column))
        for column in export.columns.values()
        if _may_be_key(column, means_id=names_an_id(column.name) or column.name in named)
    ]


def _named_ids(export: ExportProfile) -> set[str]:
    named = (*export.columns_for("fields", "id"), *export.columns_for("outcomes", "lead_id"))
    return {column.name for column, _ in named}


def _may_be_key(column: ColumnProfile, *, means_id: bool) -> bool:
    if column.kind in _NEVER_KEYS:
        return False
    if sum(bool(_AMOUNT.search(value)) for value in column.counts) >= 0.5 * column.distinct:
        return False
    if column.kind == "number":
        whole = sum(_is_whole(value) or (means_id and is_grouped(value)) for value in column.counts)
        return whole >= 0.95 * column.distinct
    sample = list(column.counts)[:100]
    words = sum(1 if split_ids(value) else len(value.split()) for value in sample) / len(sample)
    return words < 1.5 or means_id


def _is_whole(value: str) -> bool:
    bare = value.strip().lstrip("'").removesuffix(".0").lstrip("-")
    return bare.isdigit() or (bool(parts := split_ids(value)) and all(part.isdigit() for part in parts))


def _is_unique(column: ColumnProfile) -> bool:
    return column.unique >= (0.5 if names_an_id(column.name) else 0.9)


def names_an_id(header: str) -> bool:
    """Return whether a header has a word such as id, number or reference.

    Examples
    --------
    >>> names_an_id("OpportunityId"), names_an_id("Owner")
    (True, False)
    """
    return bool(_ID_WORDS & set(normalise(header).split()))


def find_links(left: Sequence[KeyColumn], right: Sequence[KeyColumn]) -> list[ColumnLink]:
    """Return the links between the columns of two files, best first.

    At least one of the two columns identifies the rows of its file. Integers that count from one overlap
    by chance in any two files; their headers must match as well.
    """
    links = sorted(_links(left, right), key=lambda link: -link.score)
    named = [link for link in links if link.named]
    return named + [link for link in links if not link.named]


def _links(left: Sequence[KeyColumn], right: Sequence[KeyColumn]) -> Iterator[ColumnLink]:
    for first in left:
        for second in right:
            if not (first.unique or second.unique) or not _same_shape(first, second):
                continue
            named = headers_match(first.export, first.name, second.export, second.name)
            by_chance = not named and _by_chance(first, second)
            equal = normalise(first.name) == normalise(second.name)
            associated = is_association(first.export) or is_association(second.export)
            if by_chance and not (equal or associated or follows_in_time(first, second)):
                continue
            overlap = _overlap(first, second)
            if overlap:
                yield ColumnLink(first, second, overlap, named, by_chance)


def _overlap(first: KeyColumn, second: KeyColumn) -> float:
    """Return the share of the second column's ids that the first has; 0 if the columns do not hold the same ids.

    A file may cover less than the other, so the share in one of the directions is enough. Long codes do not meet by
    chance: of them a smaller share is.
    """
    identifies, other = (first, second) if first.unique else (second, first)
    if not identifies.index.match(other.screened).met.any():
        return 0.0
    forward = first.index.match(second.sampled).met
    backward = second.index.match(first.sampled).met
    if max(forward.sum(), backward.sum()) < min(_MIN_SHARED, len(second.sampled)):
        return 0.0
    share = float(forward.mean())
    best = max(share, float(backward.mean()))
    distinctive = first.distinctive and second.distinctive and max(forward.sum(), backward.sum()) >= _SURE_SHARED
    if share < MIN_OVERLAP and best < (_DISTINCTIVE_OVERLAP if distinctive else _MIN_REFERENCE_OVERLAP):
        return 0.0
    return share


def _same_shape(first: KeyColumn, second: KeyColumn) -> bool:
    """Return whether values of the two columns could be equal at all: e-mail addresses only meet such."""
    return (first.column.kind == "email") == (second.column.kind == "email")


def _by_chance(first: KeyColumn, second: KeyColumn) -> bool:
    """Return whether the values overlap because both are small or dense integers."""
    if first.integers is None or second.integers is None:
        return False
    if min(first.integers[0], second.integers[0]) < _SMALL:
        return True
    return second.column.unique < 0.3 or first.column.unique < 0.3


def is_association(export: ExportProfile) -> bool:
    """Return whether a file only joins others: a few columns, all of ids."""
    columns = [column for column in export.columns.values() if column.kind not in {"empty", "constant"}]
    return 2 <= len(columns) <= _MOST_ASSOCIATED and all(column.integers or column.kind == "code" for column in columns)


def follows_in_time(first: KeyColumn, second: KeyColumn) -> bool:
    """Return whether the rows of the second column have later dates than the rows of the first with the same integer.

    A column without gaps is the counter of its own file: its n-th row is later than the n-th row of any earlier file.
    """
    if second.integers is None or second.column.unique < _FOLLOWER_UNIQUE:
        return False
    if second.column.distinct >= second.integers[1] - second.integers[0] + 1:
        return False
    matches = first.index_of_rows.match(pd.Series(second.export.values(second.name), dtype="str").replace("", None))
    if matches.met.sum() < max(_MANY_PAIRS, _MOST_FOLLOW * len(second.column.counts)):
        return False
    return any(
        _later(earlier[matches.reference_rows], later[matches.rows])
        for earlier in first.date_keys
        for later in second.date_keys
    )


def _later(earlier: NDArray[np.float64], later: NDArray[np.float64]) -> bool:
    """Return whether dates are later than those of their pairs, and not than those of other pairs."""
    dated = np.isfinite(earlier) & np.isfinite(later)
    if dated.sum() < _MANY_PAIRS:
        return False
    earlier, later = earlier[dated], later[dated]
    others = np.roll(earlier, len(earlier) // 2)
    return bool(np.mean(later >= earlier - _DAY) >= _MOST_FOLLOW and np.mean(later >= others - _DAY) <= _FEW_FOLLOW)


def headers_match(first: ExportProfile, name: str, second: ExportProfile, other: str) -> bool:
    """Return whether two headers of two files mean the same id."""
    left = set(normalise(name).split())
    right = set(normalise(other).split())
    if left - _GENERIC and left - _GENERIC == right - _GENERIC:
        return True
    entities = _entities(other)
    if entities and entities & (_entities(name) or _entities(first.sample.path.stem)):
        return True
    entities = _entities(name)
    if entities and entities & (_entities(other) or _entities(second.sample.path.stem)):
        return True
    return any(column.name == other for column, _ in second.columns_for("outcomes", "lead_id"))


def _entities(name: str) -> set[int]:
    words = set(normalise(name).split())
    return {number for number, group in enumerate(_ENTITIES) if group & words}
