"""Raw rows of leads into the lead table that all rooms share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm import casts as typed
from crm.date_formats import Parse, choose_date_parser
from crm.raw_table import ROW_NUMBER, RawBatch
from crm.rejects import Rejects
from leadworth.records import fields_of, limit_of
from leadworth.settings import LeadsSource
from leadworth.values import LONGEST_EXTRA

Kind = Literal["numeric", "categorical", "text"]
KINDS: tuple[Kind, ...] = ("numeric", "categorical", "text")
_KIND_OF_FIELD = {name: kind for kind in ("text", "number", "flag", "moment", "consent") for name in fields_of(kind)}
_LIMITS = {name: limit_of(name) for name in fields_of("text")}
_OWN = ("lead_id", "submitted_at")


def column_of(batch: RawBatch, name: str) -> pa.ChunkedArray | pa.Array:
    """Return a raw column; `row_number` is the line of each row where no column is called so."""
    if name == ROW_NUMBER and name not in batch.rows.column_names:
        return pa.array(batch.lines)
    return batch.rows.column(name)


def settle_column(
    table: str, name: str, column: pa.ChunkedArray | pa.Array, missing: Sequence[str], date_format: str | None
) -> Parse | None:
    """Return how the dates of a raw column are read; see `crm.date_formats.choose_date_parser`."""
    array = typed.flat(column)
    if not pa.types.is_string(array.type):
        return None
    return choose_date_parser(table, name, typed.texts(array, missing).unique().drop_null().to_pylist(), date_format)


@dataclass(frozen=True)
class LeadReader:
    """Turn raw rows into rows of the lead table.

    Attributes
    ----------
    source
        The settings of the leads.
    zone
        Of times without an offset.
    extras
        Further columns that become `extras.<column>`, with their kind.
    submitted
        How the time of submit is read; None is ISO 8601.
    """

    source: LeadsSource
    zone: tzinfo
    extras: Mapping[str, Kind]
    submitted: Parse | None = None

    @classmethod
    def settled(
        cls, source: LeadsSource, zone: tzinfo, extras: Mapping[str, Kind], table: str, sample: RawBatch
    ) -> Self:
        """Return a reader whose date notation is settled on a sample of the table.

        Raises
        ------
        InputError
            Where the notation of `submitted_at` is ambiguous, or is none.
        """
        parse = None
        if source.submitted_at and source.submitted_at in sample.rows.column_names:
            column = sample.rows.column(source.submitted_at)
            parse = settle_column(table, source.submitted_at, column, source.missing, source.date_format)
        return cls(source, zone, extras, parse)

    def read(self, batch: RawBatch, rejects: Rejects) -> tuple[RawBatch, pd.DataFrame]:
        """Return the usable raw rows and their lead table, and set the others aside.

        Columns that the table does not have are left out.
        """
        missing = self.source.missing
        ids = typed.texts(column_of(batch, self.source.id), missing)
        submitted, unreadable = self._submitted(batch)
        without = np.asarray(pc.is_null(ids))
        bad = without | unreadable
        if bad.any():
            for row in np.flatnonzero(bad):
                reason = "no lead id" if without[row] else "unreadable submitted_at"
                rejects.add(int(batch.lines[row]), reason, row_values(batch, int(row)))
            keep = pa.array(~bad)
            batch = RawBatch(batch.rows.filter(keep), batch.lines[~bad], batch.faults)
            ids, submitted = ids.filter(keep), submitted.filter(keep)
        table = {"lead_id": typed.text_series(ids), "submitted_at": typed.moment_series(submitted)}
        table |= self._fields(batch) | self._extras(batch)
        return batch, pd.DataFrame(table, index=pd.RangeIndex(len(batch.lines)))

    def _submitted(self, batch: RawBatch) -> tuple[pa.Array, NDArray[np.bool_]]:
        name = self.source.submitted_at
        if not name or name not in batch.rows.column_names:
            return pa.nulls(len(batch.lines), pa.timestamp("us", "UTC")), np.zeros(len(batch.lines), dtype=bool)
        return read_moments(batch.rows.column(name), self.zone, self.source.missing, self.submitted)

    def _fields(self, batch: RawBatch) -> dict[str, pd.Series]:
        names = {**self.source.columns}
        if self.source.order_by:
            names["order"] = self.source.order_by
        return {
            field: self._column(batch, name, _KIND_OF_FIELD.get(field, "number"), _LIMITS.get(field))
            for field, name in names.items()
            if field not in _OWN and (name in batch.rows.column_names or name == ROW_NUMBER)
        }

    def _extras(self, batch: RawBatch) -> dict[str, pd.Series]:
        return {
            f"extras.{name}": self._column(batch, name, "number" if kind == "numeric" else "text", LONGEST_EXTRA)
            for name, kind in self.extras.items()
            if name in batch.rows.column_names
        }

    def _column(self, batch: RawBatch, name: str, kind: str, limit: int | None) -> pd.Series:
        column, missing = column_of(batch, name), self.source.missing
        if kind == "number":
            return pd.Series(typed.numbers(column, missing, self.source.decimal))
        if kind == "flag":
            return pd.Series(typed.flags(column, missing))
        if kind == "consent":
            return pd.Series(typed.consents(column, missing))
        if kind == "moment":
            return typed.moment_series(typed.moments(column, self.zone, missing))
        return typed.text_series(typed.texts(column, missing, limit))


def read_moments(
    column: pa.ChunkedArray | pa.Array, zone: tzinfo, missing: Sequence[str], parse: Parse | None
) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Return instants, and which rows hold something that cannot be read as one."""
    found = typed.moments(column, zone, missing, parse)
    array = typed.flat(column)
    written = typed.texts(array, missing) if pa.types.is_string(array.type) else array
    return found, np.asarray(pc.and_(pc.is_valid(written), pc.is_null(found)))


def row_values(batch: RawBatch, row: int) -> list[object]:
    """Return the values of one raw row."""
    return [column[row].as_py() for column in batch.rows.columns]
