"""Read Parquet files in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from crm.plain_columns import plain_table
from crm.raw_table import RawBatch, RawTable, unique_names
from leadworth.errors import InputError

BATCH_ROWS = 20_000
UNREADABLE = (OSError, pa.ArrowException, UnicodeDecodeError)
"""What pyarrow raises for damaged files; the last one for names of columns."""


def open_parquet(path: Path) -> RawTable:
    """Open a Parquet file; the line of a row is its number, from 1.

    Raises
    ------
    InputError
        If the file cannot be read, or has no columns.
    """
    try:
        file = parquet.ParquetFile(path, pre_buffer=False, memory_map=False)
    except UNREADABLE as error:
        raise InputError(f"{path} is not a Parquet file: {error}", do="check the path and the file") from error
    columns = unique_names(plain_table(file.schema_arrow.empty_table()).column_names)
    if not columns:
        raise InputError(f"{path} has no columns", do="export the file again")
    return RawTable(path.name, columns, _batches(path, file, columns))


def _batches(path: Path, file: parquet.ParquetFile, columns: tuple[str, ...]) -> Iterator[RawBatch]:
    rows_read = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            rows = plain_table(pa.Table.from_batches([batch])).rename_columns(list(columns))
            yield RawBatch(rows, np.arange(rows_read + 1, rows_read + 1 + len(rows)))
            rows_read += len(rows)
    except UNREADABLE as error:
        raise InputError(f"{path} is damaged after row {rows_read}: {error}", do="export the file again") from error
    finally:
        file.close()
