"""Table evaluation: distinct values of the columns of a lead table and their distinct combinations.

A feature group is evaluated once per distinct combination of its inputs, by the same function as for one lead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from leadworth.readers.moment_reader import EARLIEST, latest
from leadworth.readers.plain_text import plain_texts
from leadworth.records import FieldReader, Lead, reader_of

Reader = Callable[[object], object]
Codes = NDArray[np.int64]

_FEW = 8
"""A column with a value in less than one of so many rows is evaluated by its distinct values."""
READERS: dict[str, Reader] = {name: reader_of(name) for name in Lead.model_fields}


@dataclass(frozen=True)
class Distinct:
    """Distinct clean values of a column, the last of them None, and the index of the value per row; -1 is None."""

    codes: Codes
    values: list[object]

    @cached_property
    def mostly_different(self) -> bool:
        """Whether most rows that have a value have one of their own, and these are not few."""
        distinct, rows = len(self.values), len(self.codes)
        return distinct > rows // _FEW and distinct > int(np.count_nonzero(self.codes >= 0)) // 2

    @cached_property
    def by_row(self) -> list[object]:
        """Value of each row."""
        return self.at(self.codes)

    def at(self, codes: Codes) -> list[object]:
        """Return the values of some codes."""
        pool = np.empty(len(self.values), dtype=object)
        pool[:] = self.values
        values: list[object] = pool[codes].tolist()
        return values


@dataclass(frozen=True)
class Combinations:
    """Distinct combinations of some columns, and the index of the combination per row of the table.

    Attributes
    ----------
    codes
        Index of the combination of each row.
    columns
        Values of each column, one for each combination.
    by_row
        Whether each row has a combination of its own, in the order of the rows.
    """

    codes: Codes
    columns: list[list[object]]
    by_row: bool = False


def distinct(column: pd.Series, reader: Reader) -> Distinct:
    """Return the distinct values of a column, each read by `reader`."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories = column.cat.categories.tolist()
        return Distinct(np.asarray(column.cat.codes, np.int64), [*map(reader, categories), None])
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return _timestamps(column, reader)
    if isinstance(dtype, pd.StringDtype):
        codes, uniques = pd.factorize(column)
        return Distinct(np.asarray(codes, np.int64), [*_texts(uniques, reader), None])
    if pd.api.types.is_float_dtype(dtype) or pd.api.types.is_integer_dtype(dtype):
        codes, uniques = pd.factorize(column)
        return Distinct(np.asarray(codes, np.int64), [*map(reader, uniques.tolist()), None])
    return Distinct(np.arange(len(column), dtype=np.int64), [*map(reader, column.tolist()), None])


def _texts(distinct_texts: pd.Index | pd.api.extensions.ExtensionArray, reader: Reader) -> list[object]:
    """Return distinct texts as the reader reads them; it is called only for those that are not plain."""
    values: list[object] = distinct_texts.tolist()
    dtype = distinct_texts.dtype
    if not isinstance(reader, FieldReader) or reader.kind != "text":
        return [*map(reader, values)]
    if not isinstance(dtype, pd.StringDtype) or dtype.storage != "pyarrow":
        return [*map(reader, values)]
    texts = pa.array(distinct_texts)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    for index in np.flatnonzero(~np.asarray(plain_texts(texts, reader.limit, reader.plain).fill_null(False))):
        values[index] = reader(values[index])
    return values


def _timestamps(column: pd.Series, reader: Reader) -> Distinct:
    if column.dt.tz is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    codes, uniques = pd.factorize(column.to_numpy("datetime64[us]"))
    usual = np.zeros(len(uniques), dtype=np.bool_)
    if isinstance(reader, FieldReader) and reader.kind == "moment":
        first, last = (np.datetime64(moment.replace(tzinfo=None), "us") for moment in (EARLIEST, latest()))
        usual = (uniques >= first) & (uniques <= last)
    values = np.empty(len(uniques), dtype=object)
    values[usual] = pd.DatetimeIndex(uniques[usual]).tz_localize("UTC").to_pydatetime()
    for index in np.flatnonzero(~usual).tolist():
        moment = uniques[index].item()  # an integer beyond the years of datetime
        values[index] = reader(moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None)
    return Distinct(codes.astype(np.int64, copy=False), [*values.tolist(), None])


def columns(leads: pd.DataFrame, readers: Mapping[str, Reader]) -> dict[str, Distinct]:
    """Return the distinct values of each column that has a reader and that the table has."""
    return {name: distinct(leads[name], reader) for name, reader in readers.items() if name in leads.columns}


def combinations(
    inputs: Sequence[str], table: Mapping[str, Distinct], rows: int, *, alone: bool = False
) -> Combinations:
    """Return the distinct combinations of some columns; a column that the table lacks is None in all of them.

    Parameters
    ----------
    inputs
        Names of the columns.
    table
        Columns by name.
    rows
        Number of rows of the table.
    alone
        Whether a single column is the input of these features only: then its distinct values are evaluated even if they
        are nearly as many as the rows.
    """
    arguments = [table.get(name) for name in inputs]
    present = [argument for argument in arguments if argument is not None]
    if not present:
        return Combinations(np.zeros(rows, np.int64), [[None] for _ in arguments])
    if not (alone and len(present) == 1) and any(column.mostly_different for column in present):
        return Combinations(np.arange(rows, dtype=np.int64), _columns(arguments, rows, lambda c: c.by_row), by_row=True)
    if len(present) == 1:
        only = present[0]
        return Combinations(only.codes, _columns(arguments, len(only.values), lambda column: column.values))
    codes, first = _combine(present)
    return Combinations(codes, _columns(arguments, len(first), lambda column: column.at(column.codes[first])))


def _columns(
    arguments: Sequence[Distinct | None], size: int, values_of: Callable[[Distinct], list[object]]
) -> list[list[object]]:
    """Return the values of columns, of length `size`; None for those that the table lacks."""
    return [[None] * size if argument is None else values_of(argument) for argument in arguments]


def _combine(present: list[Distinct]) -> tuple[Codes, Codes]:
    """Return the code of each row's combination and the first row of each code."""
    combined = present[0].codes
    for column in present[1:]:
        mixed = combined * len(column.values) + column.codes
        combined = pd.factorize(mixed)[0].astype(np.int64, copy=False)
    _, first = np.unique(combined, return_index=True)
    return combined, first.astype(np.int64, copy=False)
