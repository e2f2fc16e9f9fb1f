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
from crm.column_cast import Column, Values
from crm.date_formats import Parse, choose_date_parser
from crm.raw_table import ROW_NUMBER, RawBatch
from crm.rejects import Rejects
from leadworth.readers.text_reader import LONGEST_EXTRA
from leadworth.records import Lead, fields_of, limit_of, reader_of
from leadworth.settings import LeadsSource

FeatureKind = Literal["numeric", "categorical", "text"]
FEATURE_KINDS: tuple[FeatureKind, ...] = get_args(FeatureKind)
_KINDS = {name: reader_of(name).kind for name in Lead.model_fields} | {"email": "email", "phone": "phone"}
_COUNTS = frozenset(name for name in fields_of("number") if reader_of(name).counts)
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
        ids, lost = self._ids(batch)
        submitted, unreadable = self._submitted(batch)
        without_id = np.asarray(pc.is_null(ids))
        bad = without_id | unreadable
        if bad.any():
            for row in np.flatnonzero(bad):
                reason = (
                    "unreadable lead_id"
                    if lost[row]
                    else "no lead id"
                    if without_id[row]
                    else "unreadable submitted_at"
                )
                rejects.add(int(batch.lines[row]), reason, row_values(batch, int(row)))
            keep = pa.array(~bad)
            batch = batch.where(~bad)
            ids = ids.filter(keep)
            submitted = submitted.filter(keep)
        table = {"lead_id": typed.text_series(ids), "submitted_at": typed.moment_series(submitted)}
        table |= self._fields(batch) | self._extras(batch)
        return batch, pd.DataFrame(table, index=pd.RangeIndex(len(batch.lines)))

    def _ids(self, batch: RawBatch) -> tuple[pa.Array, NDArray[np.bool_]]:
        column = column_of(batch, self.source.id)
        cast = typed.ids(column, self.source.missing)
        return self._counted(self.source.id, "id", column, cast), cast.unreadable

    def _submitted(self, batch: RawBatch) -> tuple[pa.Array, NDArray[np.bool_]]:
        name = self.source.submitted_at
        if not name or name not in batch.rows.column_names:
            return pa.nulls(len(batch.lines), pa.timestamp("us", "UTC")), np.zeros(len(batch.lines), dtype=bool)
        column = batch.rows.column(name)
        cast = typed.moments(column, self.zone, self.source.missing, self.submitted)
        return self._counted(name, "date", column, cast), cast.unreadable

    def _fields(self, batch: RawBatch) -> dict[str, pd.Series]:
        names = {**self.source.columns}
        if self.source.order_by:
            names["order"] = self.source.order_by
        return {
            field: self._column(batch, name, _KINDS.get(field, "number"), _LIMITS.get(field), counts=field in _COUNTS)
            for field, name in names.items()
            if field not in _KEY_FIELDS and (name in batch.rows.column_names or name == ROW_NUMBER)
        }

    def _extras(self, batch: RawBatch) -> dict[str, pd.Series]:
        return {
            f"extras.{name}": self._column(batch, name, "number" if kind == "numeric" else "text", LONGEST_EXTRA)
            for name, kind in self.extras.items()
            if name in batch.rows.column_names
        }

    def _column(self, batch: RawBatch, name: str, kind: str, limit: int | None, *, counts: bool = False) -> pd.Series:
        column = column_of(batch, name)
        missing = self.source.missing
        if kind == "number":
            cast = typed.numbers(column, missing, self.source.decimal, counts=counts)
            return pd.Series(self._counted(name, "number", column, cast))
        if kind == "flag":
            return pd.Series(self._counted(name, "flag", column, typed.flags(column, missing)))
        if kind == "consent":
            return pd.Series(typed.consents(column).values)
        if kind == "email":
            return typed.text_series(typed.emails(column, missing))
        if kind == "phone":
            return typed.text_series(self._counted(name, "phone", column, typed.phones(column, missing)))
        if kind == "moment":
            return typed.moment_series(self._counted(name, "date", column, typed.moments(column, self.zone, missing)))
        return typed.text_series(typed.texts(column, missing, limit))

    def _counted(self, name: str, kind: FaultKind, column: Column, cast: typed.ColumnCast[Values]) -> Values:
        """Return the values of a column; count its unreadable cells."""
        self.cells.count(name, kind, column, cast)
        return cast.values


def row_values(batch: RawBatch, row: int) -> list[object]:
    """Return the values of one raw row."""
    return [column[row].as_py() for column in batch.rows.columns]
