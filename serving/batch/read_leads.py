"""Leads that were read, with their features as far as these do not depend on velocity, and the file that holds them.

The file is a sequence of Arrow streams, one for each batch. A feature whose values are integers below 254 or missing
takes one byte a lead before compression, another one eight.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm.raw_table import RawBatch
from features.category_codes import UNSEEN, UNSEEN_BITS
from leadworth.arrays import Indices, Matrix, Vector
from models.scored_leads import LeadFeatures
from serving.batch.score_summary import CHANNEL

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")
_LINE, _POSITION, _STATUS, _AGE = "line", "position", "status", "age_days"
_RAW, _LEAD, _FEATURE, _FIELD = "raw.", "lead.", "feature.", "field."
_UNSEEN, _MISSING = 254, 255
_NUMBERS = np.concatenate([np.arange(_UNSEEN, dtype=np.float64), [UNSEEN, np.nan]])
"""Value of each code of a feature with small integers."""


class ReadLeads(NamedTuple):
    """Leads of a batch that are to be scored.

    Attributes
    ----------
    raw
        Their rows as received.
    leads
        Their lead table; of a file that was read back, the channel only.
    statuses, age_days
        As in `serving.batch.lead_statuses.LeadStatus`.
    features
        Without velocity, unless the leads have columns of it.
    positions
        Position of each lead among those that were read, shape (n,).
    uncounted
        Velocity fields that the leads lack.
    """

    raw: RawBatch
    leads: pd.DataFrame
    statuses: NDArray[np.object_]
    age_days: Vector
    features: LeadFeatures
    positions: Indices
    uncounted: tuple[str, ...]


def append_leads(file: BinaryIO, batch: ReadLeads, columns: Collection[str]) -> None:
    """Append a batch to a file, with some columns of the rows as received."""
    names = [name for name in batch.raw.rows.column_names if name in columns]
    table = {
        _LINE: pa.array(batch.raw.lines),
        _POSITION: pa.array(batch.positions),
        _STATUS: pa.array(batch.statuses, pa.string()),
        _AGE: pa.array(batch.age_days),
        **{f"{_RAW}{name}": batch.raw.rows.column(name) for name in names},
        **{f"{_LEAD}{name}": pa.array(batch.leads[name]) for name in (CHANNEL,) if name in batch.leads},
        **{f"{_FEATURE}{number}": _packed(column) for number, column in enumerate(_by_column(batch.features.matrix))},
        **{f"{_FIELD}{number}": _packed(column) for number, column in enumerate(_by_column(batch.features.fields))},
    }
    rows = pa.table(table).replace_schema_metadata({"uncounted": " ".join(batch.uncounted)})
    with pa.ipc.new_stream(file, rows.schema, options=_OPTIONS) as stream:
        stream.write_table(rows)


def read_leads(path: Path) -> Iterator[ReadLeads]:
    """Yield the batches that `append_leads` wrote to a file."""
    end = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < end:
            with pa.ipc.open_stream(file) as stream:
                yield _batch(stream.read_all())


def _batch(rows: pa.Table) -> ReadLeads:
    return ReadLeads(
        RawBatch(_part(rows, _RAW), rows.column(_LINE).to_numpy()),
        _part(rows, _LEAD).to_pandas(),
        rows.column(_STATUS).to_numpy(),
        rows.column(_AGE).to_numpy(),
        LeadFeatures(_matrix(_part(rows, _FEATURE)), _matrix(_part(rows, _FIELD))),
        rows.column(_POSITION).to_numpy(),
        tuple(rows.schema.metadata[b"uncounted"].decode().split()),
    )


def _part(rows: pa.Table, prefix: str) -> pa.Table:
    """Return the columns whose name has a prefix, without it; a table of n rows also where there are none."""
    names = [name for name in rows.column_names if name.startswith(prefix)]
    return rows.select(names).rename_columns([name.removeprefix(prefix) for name in names])


def _by_column(matrix: Matrix) -> Matrix:
    """Return the columns of a matrix as rows, each of them in one piece of memory."""
    return np.ascontiguousarray(matrix.T)


def _packed(column: Vector) -> pa.Array:
    """Return a feature as codes of one byte if that keeps each bit of its values, else as it is."""
    unseen = column.view(np.int64) == UNSEEN_BITS
    filled = np.where(unseen, _UNSEEN, np.where(np.isnan(column), _MISSING, column))
    with np.errstate(invalid="ignore"):  # of numbers that do not fit
        codes = filled.astype(np.uint8)
    kept = np.array_equal(codes.astype(np.float64).view(np.int64), filled.view(np.int64))
    return pa.array(codes if kept and not (column >= _UNSEEN).any() else column)


def _matrix(columns: pa.Table) -> Matrix:
    matrix = np.empty((columns.num_columns, len(columns)))
    for number, column in enumerate(columns.columns):
        values = column.to_numpy()
        matrix[number] = _NUMBERS[values] if values.dtype == np.uint8 else values
    return np.ascontiguousarray(matrix.T)
