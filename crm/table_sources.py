"""Table sources: open the file or database table of the settings."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa

from crm import casts as typed
from crm.database import is_url, open_database
from crm.delimited import open_delimited
from crm.file_formats import ALLOWED, file_format
from crm.mirror_fields import is_crm
from crm.parquet import open_parquet
from crm.raw_table import RawBatch, RawTable
from crm.rejects import Rejects, rejected_path
from crm.table_header import IsHeader
from crm.workbook import open_workbook
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings, TableLocation


def rejects_of(settings: Settings, source: TableLocation) -> Rejects:
    """Return the writer of the rejected rows of a table.

    The rejected rows go to the folder of the file, if it is inside the folder of the settings; otherwise, and
    for databases and CRMs, to the folder of the settings. If the settings name a sheet, so does the file, because
    several tables may be in one workbook.
    """
    if is_crm(source.path):
        return Rejects(settings.resolve(f"{source.path.replace(':', '-')}.rejected.csv"))
    if is_url(source.path):
        return Rejects(settings.resolve(f"{(source.table or 'query').replace('/', '_')}.rejected.csv"))
    path = rejected_path(settings.resolve(source.path), source.sheet)
    inside = path.absolute().is_relative_to(settings.folder.absolute()) and ".." not in path.parts
    return Rejects(path if inside else settings.folder / path.name)


def table_files(settings: Settings) -> dict[str, Path]:
    """Return the files of the settings: section of the settings -> path. Databases and CRMs are left out.

    Examples
    --------
    >>> settings = Settings(currency="EUR", leads={"path": "leads.csv"}, outcomes={"path": "crm:hubspot"})
    >>> table_files(settings)
    {'leads': PosixPath('leads.csv')}
    """
    sources: dict[str, TableLocation] = {"leads": settings.leads, "outcomes": settings.outcomes}
    sources |= {f"outcomes.joins[{number}]": source for number, source in enumerate(settings.outcomes.joins)}
    return {
        name: settings.resolve(source.path)
        for name, source in sources.items()
        if source.path and not is_url(source.path) and not is_crm(source.path)
    }


def open_source(
    settings: Settings, source: TableLocation, rejects: Rejects, only: Collection[str] | None = None
) -> RawTable:
    """Open the table of a source.

    Parameters
    ----------
    only
        Ids of the leads to read from the mirror of a CRM; see `crm.mirror_tables`. None: all.

    Raises
    ------
    ConfigurationError
        If the settings have no table.
    InputError
        If it cannot be read.
    """
    if not source.path:
        raise ConfigurationError(
            "[leads] has no path", allowed=f"{ALLOWED}, a database URL, or crm:NAME", do="set path"
        )
    if is_crm(source.path):
        return _open_mirror(settings, source, only)
    if is_url(source.path):
        return open_database(settings.database(source.path), source.table, source.query)
    table = open_file(settings.resolve(source.path), source, rejects)
    rejects.warnings = table.warnings
    return table


def leads_at(settings: Settings, path: Path, only: Collection[str] | None = None) -> Path | RawTable:
    """Return the leads that a path of the command line names: a file, or the mirror of a CRM, opened.

    Parameters
    ----------
    only
        Ids of the leads to read from a mirror; None: all.

    Raises
    ------
    ConfigurationError, InputError
        If the CRM is unknown or its mirror is empty.
    """
    named = str(path)
    if not is_crm(named):
        return path
    return _open_mirror(settings, settings.leads.model_copy(update={"path": named}), only)


def _open_mirror(settings: Settings, source: TableLocation, only: Collection[str] | None) -> RawTable:
    from crm.mirror_tables import open_mirror_table  # with SQLAlchemy, which workers that score files do not need

    return open_mirror_table(settings, source, only)


def open_file(path: Path, source: TableLocation, rejects: Rejects, is_header: IsHeader | None = None) -> RawTable:
    """Open a CSV, Excel or Parquet file; its first bytes determine the type.

    Parameters
    ----------
    is_header
        See `crm.table_header.find_header`.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    kind = file_format(path)
    if kind == "parquet":
        return open_parquet(path)
    if kind == "spreadsheet":
        return open_workbook(path, rejects, sheet=source.sheet, is_header=is_header)
    return open_delimited(path, rejects, delimiter=source.delimiter, encoding=source.encoding, is_header=is_header)


def gather(table: RawTable) -> RawBatch:
    """Read a whole table into one batch.

    If types differ between batches, as in databases without fixed types, the columns become text.
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
