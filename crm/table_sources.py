"""Open a table wherever the settings say it lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from crm import casts as typed
from crm.database import is_url, open_database
from crm.delimited import open_delimited
from crm.parquet import open_parquet
from crm.raw_table import RawBatch, RawTable
from crm.rejects import Rejects, rejected_path
from leadworth.errors import ConfigurationError, InputError
from leadworth.settings import Settings, TableSource


def rejects_of(settings: Settings, source: TableSource) -> Rejects:
    """Return where the rejected rows of a table go.

    Beside the file where it lies in the folder of the settings or below; those of other people's
    folders and of databases go to the folder of the settings.
    """
    if is_url(source.path):
        return Rejects(settings.resolve(f"{(source.table or 'query').replace('/', '_')}.rejected.csv"))
    beside = rejected_path(settings.resolve(source.path))
    own = beside.absolute().is_relative_to(settings.folder.absolute())
    return Rejects(beside if own and ".." not in beside.parts else settings.folder / beside.name)


def open_source(settings: Settings, source: TableSource, rejects: Rejects) -> RawTable:
    """Open the table of a source.

    Raises
    ------
    ConfigurationError
        Where the settings name no table.
    InputError
        Where it cannot be read.
    """
    if not source.path:
        raise ConfigurationError(
            "[leads] has no path", allowed="a CSV or Parquet file, or a database URL", do="set path"
        )
    if is_url(source.path):
        return open_database(settings.database(source.path), source.table, source.query)
    return open_file(settings.resolve(source.path), source, rejects)


def open_file(path: Path, source: TableSource, rejects: Rejects) -> RawTable:
    """Open a CSV or Parquet file; what it is is told by its first bytes.

    Raises
    ------
    InputError
        Where it cannot be read.
    """
    if not path.is_file():
        raise InputError(
            f"there is no file {path}", do="correct the path (in leadworth.toml it is relative to that file)"
        )
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"PAR1":
        return open_parquet(path)
    if magic in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise InputError(f"{path} is an Excel or zip file", allowed="CSV (also .gz), Parquet", do="save it as CSV")
    return open_delimited(path, rejects, delimiter=source.delimiter, encoding=source.encoding)


def gather(table: RawTable) -> RawBatch:
    """Read a whole table into one batch.

    A column whose type differs between batches, as databases without fixed types have, becomes text.
    """
    batches = list(table.batches)
    if not batches:
        return RawBatch(pa.table({name: pa.array([], pa.string()) for name in table.columns}), np.empty(0, np.int64))
    parts = [batch.rows for batch in batches]
    try:
        rows = pa.concat_tables(parts, promote_options="default")
    except pa.ArrowException:
        rows = pa.concat_tables([_as_text(part) for part in parts])
    return RawBatch(rows, np.concatenate([b.lines for b in batches]), sum(batch.faults for batch in batches))


def _as_text(rows: pa.Table) -> pa.Table:
    return pa.table({name: typed.texts(rows.column(name)) for name in rows.column_names})
