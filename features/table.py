"""Distinct values of the columns of a lead table, and their distinct combinations.

A group of features is evaluated once for each combination, as for one lead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadworth.records import Lead, reader_of

Reader = Callable[[object], object]
Codes = NDArray[np.int64]

READERS: dict[str, Reader] = {name: reader_of(name) for name in Lead.model_fields}


@dataclass(frozen=True)
class Distinct:
    """A column as distinct clean values and, per row, the position of its value; -1 is the last, None."""

    codes: Codes
    values: list[object]


@dataclass(frozen=True)
class Combinations:
    """Distinct combinations of some columns and, per row of the table, the position of its combination."""

    codes: Codes
    inputs: list[tuple[object, ...]]


def distinct(column: pd.Series, reader: Reader) -> Distinct:
    """Return the distinct values of a column, read as a lead's field is read."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        categories = column.cat.categories.tolist()
        return Distinct(np.asarray(column.cat.codes, np.int64), [*map(reader, categories), None])
    if pd.api.types.is_datetime64_any_dtype(kind):
        return _moments(column, reader)
    if isinstance(kind, pd.StringDtype) or pd.api.types.is_float_dtype(kind) or pd.api.types.is_integer_dtype(kind):
        codes, uniques = pd.factorize(column)
        return Distinct(np.asarray(codes, np.int64), [*map(reader, uniques.tolist()), None])
    return Distinct(np.arange(len(column), dtype=np.int64), [*map(reader, column.tolist()), None])


def _moments(column: pd.Series, reader: Reader) -> Distinct:
    if column.dt.tz is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    codes, uniques = pd.factorize(column.to_numpy("datetime64[us]"))
    moments = (m.replace(tzinfo=UTC) if isinstance(m, datetime) else None for m in uniques.astype(object).tolist())
    return Distinct(codes.astype(np.int64, copy=False), [*map(reader, moments), None])


def columns(leads: pd.DataFrame, readers: Mapping[str, Reader]) -> dict[str, Distinct]:
    """Return those columns of the table that have a reader."""
    return {name: distinct(leads[name], reader) for name, reader in readers.items() if name in leads.columns}


def combinations(inputs: Sequence[str], table: Mapping[str, Distinct], rows: int) -> Combinations:
    """Return the distinct combinations of some columns; those that the table lacks are None."""
    arguments = [table.get(name) for name in inputs]
    given = [argument for argument in arguments if argument is not None]
    if not given:
        return Combinations(np.zeros(rows, np.int64), [(None,) * len(arguments)])
    if len(given) == 1:
        codes, first = given[0].codes, None
        count = len(given[0].values)
    else:
        codes, first = _combined(given, rows)
        count = rows if first is None else len(first)
    pools = [
        [None] * count
        if argument is None
        else argument.values
        if len(given) == 1
        else _taken(argument, slice(None) if first is None else first)
        for argument in arguments
    ]
    return Combinations(codes, list(zip(*pools, strict=True)))


def _combined(given: list[Distinct], rows: int) -> tuple[Codes, Codes | None]:
    """Return the number of each row's combination, and the first row of each number or None: every row alone."""
    if max(len(column.values) for column in given) > rows // 2:
        return np.arange(rows, dtype=np.int64), None
    combined = given[0].codes
    for column in given[1:]:
        mixed = combined * len(column.values) + column.codes
        combined = pd.factorize(mixed)[0].astype(np.int64, copy=False)
    _, first = np.unique(combined, return_index=True)
    return combined, first.astype(np.int64, copy=False)


def _taken(column: Distinct, rows: slice | Codes) -> list[object]:
    pool = np.empty(len(column.values), dtype=object)
    pool[:] = column.values
    taken: list[object] = pool[column.codes[rows]].tolist()
    return taken
