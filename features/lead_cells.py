"""Lead cells: the features of many leads, evaluated once, from which specs and matrices of any part of them are taken.

A category is kept as a word, so that each part of the leads can have a vocabulary of its own. Numbers are kept exactly:
as codes of the distinct values where these are few, which takes one or two bytes a cell, else as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.category_codes import Vocabulary, learn
from features.collected_touches import LW_DATA, TOUCH_FIELDS, with_touches
from features.feature_compiler import CHUNK_ROWS, input_readers
from features.feature_group import Cell, Feature, FeatureGroup, Kind
from features.feature_spec import FeatureSpec
from features.groups import all_groups
from features.table_evaluation import READERS, columns, combinations
from leadworth.arrays import Flags, Indices, Matrix, Vector

_SMALL_CODES = 256
_MOST_CODES = 65_536
"""Distinct values of a number up to which it is kept as codes."""


class LeadCells:
    """Cells of all features that a lead table can have.

    Parameters
    ----------
    leads
        Lead table.
    extras
        Kind of each declared extra column; the table holds it as ``extras.<column>``.

    Examples
    --------
    >>> table = pd.DataFrame({"lead_id": ["1", "2"], "email": ["ada@acme.example", "bob@gmail.com"]}, dtype="str")
    >>> cells = LeadCells(table, {})
    >>> spec = cells.fit_spec(np.arange(2))
    >>> cells.matrix(spec, np.arange(2))[:, spec.names.index("email_free")].tolist()
    [0.0, 1.0]
    """

    def __init__(self, leads: pd.DataFrame, extras: Mapping[str, Kind]) -> None:
        self._extras = {name: extras[name] for name in sorted(extras) if f"extras.{name}" in leads.columns}
        own = {name for name in leads.columns if name in READERS and name != "lead_id"}
        self._inputs = own | {f"extras.{name}" for name in self._extras}
        recorded = TOUCH_FIELDS.keys() - own if LW_DATA in own else set()
        self._touched = {name: np.zeros(len(leads), dtype=bool) for name in READERS if name in recorded}
        possible = self._inputs | self._touched.keys()
        self._groups = [group for group in all_groups(self._extras) if possible & set(group.inputs)]
        self._columns = {
            feature.name: _Words(len(leads)) if feature.kind == "category" else _Numbers(len(leads))
            for group in self._groups
            for feature in group.features
        }
        readers = input_readers(tuple(READERS), self._extras)
        for begin in range(0, len(leads), CHUNK_ROWS):
            chunk = with_touches(leads.iloc[begin : begin + CHUNK_ROWS])
            for name, filled in self._touched.items():
                if name in chunk:
                    filled[begin : begin + len(chunk)] = chunk[name].notna()
            table = columns(chunk, {name: reader for name, reader in readers.items() if name != "lead_id"})
            for group in self._groups:
                distinct = combinations(group.inputs, table, len(chunk))
                cells = zip(*map(group.compute, *distinct.columns), strict=True)
                for feature, values in zip(group.features, cells, strict=True):
                    self._columns[feature.name].fill(begin, values, distinct.codes)

    def fit_spec(self, rows: Indices) -> FeatureSpec:
        """Fit a feature spec to a part of the leads: choose the features and learn the categories.

        Groups whose fields these leads lack are left out, and so are constant features, except where their field
        is present and `Feature.keep_with` names it, because rules depend on them.

        Parameters
        ----------
        rows
            Positions of the leads of the training part.
        """
        known = self._inputs | {name for name, filled in self._touched.items() if filled[rows].any()}
        fields = tuple(name for name in READERS if name in known)
        names: list[str] = []
        vocabularies: dict[str, Vocabulary] = {}
        for group in self._groups:
            if known & set(group.inputs):
                for feature, vocabulary in self._informative(group, rows, fields):
                    names.append(feature.name)
                    if vocabulary is not None:
                        vocabularies[feature.name] = vocabulary
        return FeatureSpec(names, tuple(vocabularies), self._extras, fields, vocabularies)

    def matrix(self, spec: FeatureSpec, rows: Indices) -> Matrix:
        """Return the features of a part of the leads, equal to `FeatureSpec.matrix` of their rows.

        Parameters
        ----------
        spec
            Result of `fit_spec` on any part of the leads.
        rows
            Positions of the leads.

        Returns
        -------
        Array of shape (len(rows), n_features); missing is nan.
        """
        out = np.empty((len(rows), len(spec.names)))
        for position, name in enumerate(spec.names):
            out[:, position] = self._columns[name].values(rows, spec.vocabularies.get(name))
        return out

    def _informative(
        self, group: FeatureGroup, rows: Indices, fields: Sequence[str]
    ) -> Iterator[tuple[Feature, Vocabulary | None]]:
        """Yield the features that vary between leads or must be kept, with the vocabulary of each category."""
        for feature in group.features:
            column, vocabulary = self._columns[feature.name], None
            if isinstance(column, _Words):
                vocabulary = learn(column.counts(rows))
            if column.varies(rows, vocabulary) or set(feature.keep_with) & set(fields):
                yield feature, vocabulary


def fit_spec(leads: pd.DataFrame, extras: Mapping[str, Kind]) -> FeatureSpec:
    """Fit a feature spec to a lead table, as `LeadCells.fit_spec` does to a part of one.

    Parameters
    ----------
    leads
        Lead table of the training part only.
    extras
        Kind of each declared extra column; the table holds it as ``extras.<column>``.
    """
    return LeadCells(leads, extras).fit_spec(np.arange(len(leads)))


class _Words:
    """Words of a category; None is missing."""

    def __init__(self, rows: int) -> None:
        self._codes: NDArray[np.int32] = np.zeros(rows, dtype=np.int32)
        self._pool: dict[Cell, int] = {None: 0}

    def fill(self, begin: int, values: Sequence[Cell], codes: Indices) -> None:
        """Keep the words of the rows from `begin` on: those of `values`, at the positions `codes`."""
        pool = self._pool
        known = np.array([pool.setdefault(word if isinstance(word, str) else None, len(pool)) for word in values])
        self._codes[begin : begin + len(codes)] = known[codes]

    def counts(self, rows: Indices) -> dict[str, int]:
        """Return the number of these rows by word."""
        counts = np.bincount(self._codes[rows], minlength=len(self._pool)).tolist()
        return {word: count for word, count in zip(self._pool, counts, strict=True) if count and isinstance(word, str)}

    def varies(self, rows: Indices, vocabulary: Vocabulary | None) -> bool:
        """Return whether these rows have two different codes."""
        values = self.values(rows, vocabulary)
        return _varies(values)

    def values(self, rows: Indices, vocabulary: Vocabulary | None) -> Vector:
        """Return the codes of these rows, shape (len(rows),)."""
        encode = (vocabulary or Vocabulary((), rare=False)).code
        return np.array([encode(word) for word in self._pool])[self._codes[rows]]


class _Numbers:
    """Values of a number; nan is missing."""

    def __init__(self, rows: int) -> None:
        self._codes: NDArray[np.uint8] | NDArray[np.uint16] | None = np.zeros(rows, dtype=np.uint8)
        self._pool: Vector = np.zeros(0)
        self._plain: Vector = np.zeros(0)

    def fill(self, begin: int, values: Sequence[Cell], codes: Indices) -> None:
        """Keep the numbers of the rows from `begin` on: those of `values`, at the positions `codes`."""
        numbers = np.fromiter(values, np.float64, len(values))[codes]
        inside = slice(begin, begin + len(numbers))
        if self._codes is None:
            self._plain[inside] = numbers
            return
        known, pool = pd.factorize(np.concatenate([self._pool, numbers]), use_na_sentinel=False)
        if len(pool) <= _MOST_CODES:
            if len(pool) > _SMALL_CODES and self._codes.dtype == np.uint8:
                self._codes = self._codes.astype(np.uint16)
            self._codes[inside] = known[len(self._pool) :]
            self._pool = pool
            return
        self._plain = np.empty(len(self._codes))
        if len(self._pool):
            self._plain[:begin] = self._pool[self._codes[:begin]]
        self._plain[inside] = numbers
        self._codes, self._pool = None, np.zeros(0)

    def varies(self, rows: Indices, vocabulary: Vocabulary | None) -> bool:
        """Return whether these rows have two different values."""
        return _varies(self.values(rows, vocabulary))

    def values(self, rows: Indices, vocabulary: Vocabulary | None) -> Vector:
        """Return the values of these rows, shape (len(rows),); a number has no vocabulary."""
        del vocabulary
        return self._plain[rows] if self._codes is None else self._pool[self._codes[rows]]


def _varies(values: Vector) -> bool:
    missing: Flags = np.isnan(values)
    present = values[~missing]
    return bool(len(present)) and (bool(missing.any()) or bool((present != present[0]).any()))
