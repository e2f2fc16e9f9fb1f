"""Rows of an export: the first ones and others spread over the whole file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from crm.delimited import Dialect, sniff
from crm.inference.column_profile import TESTS
from crm.inference.date_notation import notation
from crm.rejects import Rejects
from crm.table_sources import open_file
from leadworth.errors import InputError
from leadworth.settings import TableSource
from leadworth.values import text

ROWS = 20_000


@dataclass(frozen=True)
class RowSample:
    """Some rows of an export, as text.

    Attributes
    ----------
    columns
        Header -> values, one per sampled row; empty text where nothing is written.
    rows
        Number of rows of the whole file.
    """

    path: Path
    rows: int
    columns: dict[str, list[str]]
    dialect: Dialect | None = None
    faults: int = field(default=0)


def read_sample(path: Path, rows: int = ROWS) -> RowSample:
    """Read a CSV or Parquet file and keep at most `2 * rows` of its rows.

    Raises
    ------
    InputError
        Where the file is absent, empty, no table, or has no header or a single column.
    """
    _check_file(path)
    dialect = None if _is_parquet(path) else sniff(path)
    kept: list[pa.Table] = []
    stride, seen, held = 1, 0, 0
    rejects = Rejects(None)
    for batch in _batches(path, rejects):
        picked = batch.take(list(range(-seen % stride, batch.num_rows, stride)))
        kept.append(picked)
        seen, held = seen + batch.num_rows, held + picked.num_rows
        while held > 2 * rows:
            whole = pa.concat_tables(kept)
            kept, stride = [whole.take(list(range(0, whole.num_rows, 2)))], stride * 2
            held = kept[0].num_rows
    if not seen:
        raise InputError(f"{path} has no rows", do="export the file again, with a header line and the leads below it")
    whole = pa.concat_tables(kept)
    columns = {name: [_text(value) for value in whole.column(name).to_pylist()] for name in whole.column_names}
    _check_header(path, columns, dialect)
    return RowSample(path, seen, columns, dialect, rejects.count)


def distinct(path: Path, column: str) -> set[str]:
    """Return all different values of one column of the whole file."""
    found: set[str] = set()
    for batch in _batches(path, Rejects(None)):
        found.update(_text(value) for value in batch.column(column).unique().to_pylist())
    found.discard("")
    return found


def _batches(path: Path, rejects: Rejects) -> Iterator[pa.Table]:
    for raw in open_file(path, TableSource(path=str(path)), rejects).batches:
        yield raw.rows


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return text(value) or ""


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"{path} is not a file", do="name the exports of your CRM: leadworth init leads.csv deals.csv")
    with path.open("rb") as file:
        first = file.read(4)
    if not first.strip():
        raise InputError(f"{path} is empty", do="export the file again")
    if first in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise InputError(f"{path} is a workbook or an archive", allowed="CSV (also .gz), Parquet", do="save it as CSV")


def _check_header(path: Path, columns: dict[str, list[str]], dialect: Dialect | None) -> None:
    if len(columns) == 1:
        mark = f" between {dialect.delimiter!r}" if dialect else ""
        raise InputError(
            f"{path} has only one column{mark}: {next(iter(columns))[:60]!r}",
            allowed="comma, semicolon, tab or | between the columns",
            do="export the table with its id, its date and its outcome",
        )
    data = [name for name in columns if _is_data(name)]
    if any(TESTS["email"](name) for name in columns) or len(data) * 3 > len(columns):
        raise InputError(
            f"{path} seems to have no header: its first line holds {len(data)} values that are data",
            do="add a first line with the names of the columns",
        )


def _is_data(name: str) -> bool:
    return any(TESTS[kind](name) for kind in ("email", "url", "number", "ip")) or notation([name]) is not None
