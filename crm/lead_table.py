"""Lead table: convert raw rows of leads to typed columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal, Self, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm import casts as typed
from crm.cell_faults import CellFaults, FaultKind
from crm.date_formats import Parse, choose_date_parser
from crm.raw_table import ROW_NUMBER, RawBatch
from crm.rejects import Rejects
from leadworth.records import fields_of, limit_of
from leadworth.settings import LeadsSource
from leadworth.values import LONGEST_EXTRA

FeatureKind = Literal["numeric", "categorical", "text"]
FEATURE_KINDS: tuple[FeatureKind, ...] = get_args(FeatureKind)
_FIELD_KINDS = {name: kind for kind in ("text", "number", "flag", "moment", "consent") for name in fields_of(kind)}
_LIMITS = {name: limit_of(name) for name in fields_of("text")}
_KEY_FIELDS = ("lead_id", "submitted_at")


def column_of(batch: RawBatch, name: str) -> pa.ChunkedArray | pa.Array:
    """Return a raw column; `row_number` is the line of each row, unless a column has that name."""
    if name == ROW_NUMBER and name not in batch.rows.column_names:
        return pa.array(batch.lines)
    return batch.rows.column(name)


def choose_column_parser(
    table: str, name: str, column: pa.ChunkedArray | pa.Array, missing: Sequence[str], date_format: str | None
) -> Parse | None:
    """Return the date parser of a raw column; see `crm.date_formats.choose_date_parser`."""
    array = typed.flat(column)
    if not pa.types.is_string(array.type):
        return None
    return choose_date_parser(table, name, typed.texts(array, missing).unique().drop_null().to_pylist(), date_format)


@dataclass(frozen=True)
class LeadReader:
    """Converter of raw rows to rows of the lead table.

    Attributes
    ----------
    source
        Settings of the leads.
    zone
        Time zone of times without an offset.
    extras
        Additional columns, which become `extras.<column>`, with their kind.
    submitted
        Date parser of the submit time; None for ISO 8601.
    cells
        Unreadable cells of the rows that were read.
    """

    source: LeadsSource
    zone: tzinfo
    extras: Mapping[str, FeatureKind]
    submitted: Parse | None = None
    cells: CellFaults = field(default_factory=CellFaults)

    @classmethod
    def from_sample(
        cls, source: LeadsSource, zone: tzinfo, extras: Mapping[str, FeatureKind], table: str, sample: RawBatch
    ) -> Self:
        """Return a reader with the date format of a sample of the table.

        Raises
        ------
        InputError
            If the date format of `submitted_at` is ambiguous or not supported.
        """
        parse = None
        if source.submitted_at and source.submitted_at in sample.rows.column_names:
            column = sample.rows.column(source.submitted_at)
            parse = choose_column_parser(table, source.submitted_at, column, source.missing, source.date_format)
        return cls(source, zone, extras, parse)

    def read(self, batch: RawBatch, rejects: Rejects) -> tuple[RawBatch, pd.DataFrame]:
        """Return the usable raw rows and their lead table; reject the others.

        Absent columns are not in the lead table.
        """
        missing = self.source.missing
        ids = typed.texts(column_of(batch, self.source.id), missing)
        submitted, unreadable = self._submitted(batch)
        without_id = np.asarray(pc.is_null(ids))
        bad = without_id | unreadable
        if bad.any():
            for row in np.flatnonzero(bad):
                reason = "no lead id" if without_id[row] else "unreadable submitted_at"
                rejects.add(int(batch.lines[row]), reason, row_values(batch, int(row)))
            keep = pa.array(~bad)
            batch = batch.where(~bad)
            ids = ids.filter(keep)
            submitted = submitted.filter(keep)
        table = {"lead_id": typed.text_series(ids), "submitted_at": typed.moment_series(submitted)}
        table |= self._fields(batch) | self._extras(batch)
        return batch, pd.DataFrame(table, index=pd.RangeIndex(len(batch.lines)))

    def _submitted(self, batch: RawBatch) -> tuple[pa.Array, NDArray[np.bool_]]:
        name = self.source.submitted_at
        if not name or name not in batch.rows.column_names:
            return pa.nulls(len(batch.lines), pa.timestamp("us", "UTC")), np.zeros(len(batch.lines), dtype=bool)
        column = batch.rows.column(name)
        submitted, unreadable = read_moments(column, self.zone, self.source.missing, self.submitted)
        self._count(name, "date", column, unreadable)
        return submitted, unreadable

    def _fields(self, batch: RawBatch) -> dict[str, pd.Series]:
        names = {**self.source.columns}
        if self.source.order_by:
            names["order"] = self.source.order_by
        return {
            field: self._column(batch, name, _FIELD_KINDS.get(field, "number"), _LIMITS.get(field))
            for field, name in names.items()
            if field not in _KEY_FIELDS and (name in batch.rows.column_names or name == ROW_NUMBER)
        }

    def _extras(self, batch: RawBatch) -> dict[str, pd.Series]:
        return {
            f"extras.{name}": self._column(batch, name, "number" if kind == "numeric" else "text", LONGEST_EXTRA)
            for name, kind in self.extras.items()
            if name in batch.rows.column_names
        }

    def _column(self, batch: RawBatch, name: str, kind: str, limit: int | None) -> pd.Series:
        column = column_of(batch, name)
        missing = self.source.missing
        if kind == "number":
            numbers = typed.numbers(column, missing, self.source.decimal)
            self._count(name, "number", column, unreadable_cells(column, missing, numbers))
            return pd.Series(numbers)
        if kind == "flag":
            flags = typed.flags(column, missing)
            self._count(name, "flag", column, unreadable_cells(column, missing, flags))
            return pd.Series(flags)
        if kind == "consent":
            return pd.Series(typed.consents(column, missing))
        if kind == "moment":
            moments, unreadable = read_moments(column, self.zone, missing, None)
            self._count(name, "date", column, unreadable)
            return typed.moment_series(moments)
        return typed.text_series(typed.texts(column, missing, limit))

    def _count(
        self, name: str, kind: FaultKind, column: pa.ChunkedArray | pa.Array, unreadable: NDArray[np.bool_]
    ) -> None:
        self.cells.count(name, kind, filled_cells(column, self.source.missing), unreadable)


def filled_cells(column: pa.ChunkedArray | pa.Array, missing: Sequence[str]) -> pa.Array:
    """Return a raw column in which missing cells are null."""
    array = typed.flat(column)
    return typed.texts(array, missing) if pa.types.is_string(array.type) else array


def unreadable_cells(
    column: pa.ChunkedArray | pa.Array, missing: Sequence[str], values: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which cells are written, but were read as nan."""
    return np.asarray(pc.is_valid(filled_cells(column, missing))) & np.isnan(values)


def read_moments(
    column: pa.ChunkedArray | pa.Array, zone: tzinfo, missing: Sequence[str], parse: Parse | None
) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Return timestamps, and which rows have a value that cannot be parsed."""
    parsed = typed.moments(column, zone, missing, parse)
    return parsed, np.asarray(pc.and_(pc.is_valid(filled_cells(column, missing)), pc.is_null(parsed)))


def row_values(batch: RawBatch, row: int) -> list[object]:
    """Return the values of one raw row."""
    return [column[row].as_py() for column in batch.rows.columns]
