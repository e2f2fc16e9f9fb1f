"""Systematic sample of the rows of an export, over the whole file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from crm.date_formats import infer_date_format
from crm.delimited import Dialect, sniff
from crm.file_formats import FileFormat, file_format
from crm.inference.column_profile import VALUE_TESTS
from crm.rejects import Rejects
from crm.table_sources import open_file
from leadworth.errors import InputError
from leadworth.readers.text_reader import trimmed_text
from leadworth.settings import TableSource

ROWS = 20_000
_HEADER_AND_ROWS = "export the file again, with a header line and the leads below it"


@dataclass(frozen=True)
class RowSample:
    """Sampled rows of an export, as text.

    Attributes
    ----------
    columns
        Header -> values, one per sampled row; missing values are empty texts.
    rows
        Number of rows of the whole file.
    dialect
        Encoding and layout; None for Excel and Parquet.
    faults
        Number of rows that cannot be split into columns.
    format
        Of the file.
    warnings
        What is in doubt about the way in which the file is read.
    """

    path: Path
    rows: int
    columns: dict[str, list[str]]
    dialect: Dialect | None = None
    faults: int = 0
    format: FileFormat = "delimited"
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of sampled rows."""
        return len(next(iter(self.columns.values())))


def read_sample(path: Path, rows: int = ROWS) -> RowSample:
    """Read a file and sample at most `2 * rows` of its rows, every n-th one.

    Raises
    ------
    InputError
        If the file is absent, empty, not a table, has no header, or has a single column.
    """
    parts: list[pa.Table] = []
    stride = 1
    rows_read = 0
    sampled = 0
    rejects = Rejects(None)
    table = open_file(path, TableSource(path=str(path)), rejects)
    for batch in (raw.rows for raw in table.batches):
        part = batch.take(np.arange(-rows_read % stride, batch.num_rows, stride))
        parts.append(part)
        rows_read += batch.num_rows
        sampled += part.num_rows
        while sampled > 2 * rows:
            sample = pa.concat_tables(parts)
            parts = [sample.take(np.arange(0, sample.num_rows, 2))]
            stride *= 2
            sampled = parts[0].num_rows
    if not rows_read:
        raise InputError(f"{path} has no rows that can be read; {rejects.summary()}".rstrip("; "), do=_HEADER_AND_ROWS)
    sample = pa.concat_tables(parts, promote_options="permissive")
    columns = {name: _texts(sample.column(name).to_pylist()) for name in sample.column_names}
    kind = file_format(path)
    dialect = sniff(path) if kind == "delimited" else None
    _check_header(path, columns, dialect)
    return RowSample(path, rows_read, columns, dialect, rejects.count, kind, table.warnings)


def distinct_values(path: Path, column: str) -> set[str]:
    """Return all distinct values of one column of the whole file."""
    values: set[str] = set()
    for batch in open_file(path, TableSource(path=str(path)), Rejects(None)).batches:
        values.update(_text(value) for value in batch.rows.column(column).unique().to_pylist())
    values.discard("")
    return values


def _texts(values: list[object]) -> list[str]:
    """Return the values of a column as text, each distinct value read once."""
    texts = {value: _text(value) for value in set(values)}
    return [texts[value] for value in values]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return trimmed_text(value) or ""


def _check_header(path: Path, columns: dict[str, list[str]], dialect: Dialect | None) -> None:
    if len(columns) == 1:
        delimiter = f" with the delimiter {dialect.delimiter!r}" if dialect else ""
        raise InputError(
            f"{path} has only one column{delimiter}: {next(iter(columns))[:60]!r}",
            allowed="fields separated by comma, semicolon, tab, |, ^, ~ or :, not by spaces",
            do="export the table with its id, its date and its outcome",
        )
    data = [name for name in columns if _is_data(name)]
    if any(VALUE_TESTS["email"](name) for name in columns) or len(data) * 3 > len(columns):
        raise InputError(
            f"{path} seems to have no header: {len(data)} values of its first line are data",
            do="add a first line with the column names",
        )


def _is_data(name: str) -> bool:
    return (
        any(VALUE_TESTS[kind](name) for kind in ("email", "url", "number", "ip"))
        or infer_date_format([name]) is not None
    )
