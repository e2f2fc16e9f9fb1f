"""Partitions of leads: parts of a file, a folder or a database that are read and scored independently of each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from crm.parquet import BATCH_ROWS, UNREADABLE
from crm.plain_columns import plain_table
from crm.raw_table import RawBatch, RawTable, unique_names
from leadworth.atomic_files import replacing
from leadworth.errors import InputError

ROWS = 50_000
"""Rows of a partition that is written."""
LARGEST = 250_000
"""Rows of a row group above which a Parquet file is divided anew."""
LINE = "__line__"
"""Column of a written partition with the line of each row in its source."""


@dataclass(frozen=True)
class LeadPartition:
    """Part of the leads, in a Parquet file.

    Attributes
    ----------
    number
        Position among the partitions, from 0.
    path
        Parquet file.
    row_groups
        Row groups of the file that belong to it.
    first_line
        Row number of its first row in the file, from 1; unused where the rows have a column `LINE`.
    rows
        Number of its rows.
    source
        File that people know, for messages and rejected rows.
    """

    number: int
    path: Path
    row_groups: tuple[int, ...]
    first_line: int
    rows: int
    source: str

    def open(self, only: Collection[str] | None = None) -> RawTable:
        """Open the rows.

        Parameters
        ----------
        only
            Columns to read; None: all.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        file = _open(self.path)
        names = [name for name in file.schema_arrow.names if name != LINE]
        columns = unique_names(plain_table(_without_line(file.schema_arrow.empty_table())).column_names)
        if only is not None and list(columns) == names:
            names = [name for name in names if name in only]
            columns = tuple(names)
        return RawTable(self.source, columns, self._batches(file, names, columns))

    def _batches(self, file: parquet.ParquetFile, names: Sequence[str], columns: Sequence[str]) -> Iterator[RawBatch]:
        line = self.first_line
        size, groups = min(ROWS, BATCH_ROWS), list(self.row_groups)
        read = [name for name in file.schema_arrow.names if name in names or name == LINE]
        try:
            for batch in file.iter_batches(batch_size=size, row_groups=groups, columns=read):
                table = pa.Table.from_batches([batch])
                if LINE in table.column_names:
                    lines = table.column(LINE).to_numpy()
                else:
                    lines = np.arange(line, line + len(table))
                line += len(table)
                yield RawBatch(plain_table(_without_line(table)).rename_columns(list(columns)), lines)
        except UNREADABLE as error:
            raise InputError(f"{self.path} is damaged: {error}", do="export the file again") from error
        finally:
            file.close()


def _without_line(rows: pa.Table) -> pa.Table:
    """Return rows without the line numbers; other names may be repeated."""
    return rows.drop_columns([LINE]) if LINE in rows.column_names else rows


def parquet_files(path: Path) -> list[Path]:
    """Return the Parquet files of a folder and its subfolders in order, or the file itself; none for other paths.

    Files whose name begins with a dot or an underscore are left out, as in Spark and Dask.

    Raises
    ------
    InputError
        If a folder holds no Parquet file.
    """
    if not path.is_dir():
        return [path] if path.suffix.lower() == ".parquet" and path.is_file() else []
    files = sorted(
        file
        for file in path.rglob("*.parquet")
        if not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
    )
    if not files:
        raise InputError(f"the folder {path} holds no Parquet file", allowed="files that end in .parquet")
    return files


def partitions_in(files: Sequence[Path], folder: Path | None = None) -> list[LeadPartition] | None:
    """Return the partitions of Parquet files by their row groups; None where a row group is too large for one.

    Parameters
    ----------
    files
        Parquet files.
    folder
        Folder to which the names of the sources are relative; None: the names of the files.

    Raises
    ------
    InputError
        If a file cannot be read, or its columns differ from those of the first file.
    """
    partitions: list[LeadPartition] = []
    names: list[str] | None = None
    largest = 0
    for path in files:
        with _open(path) as file:
            columns = file.schema_arrow.names
            if names is None:
                names = columns
            elif columns != names:
                raise InputError(
                    f"{path} has the columns {', '.join(columns)}",
                    allowed=f"those of {files[0]}: {', '.join(names)}",
                    do="score files with other columns apart",
                )
            sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        largest = max(largest, *sizes, 0)
        partitions += _grouped(path, source_name(path, folder), sizes, len(partitions))
    return None if largest > LARGEST else partitions


def source_name(path: Path, folder: Path | None) -> str:
    """Return the name of a file for messages: relative to the folder that is scored, or without its folder."""
    return path.name if folder is None else path.relative_to(folder).as_posix()


def _grouped(path: Path, source: str, sizes: Sequence[int], number: int) -> list[LeadPartition]:
    """Return partitions of at least `ROWS` rows, as far as the row groups of a file reach."""
    partitions: list[LeadPartition] = []
    groups: list[int] = []
    line = rows = 0
    for group, size in enumerate(sizes):
        groups.append(group)
        rows += size
        if rows >= ROWS or group == len(sizes) - 1:
            if rows:
                position = number + len(partitions)
                partitions.append(LeadPartition(position, path, tuple(groups), line + 1, rows, source))
            line += rows
            groups, rows = [], 0
    return partitions


def write_partitions(table: RawTable, folder: Path, number: int = 0) -> list[LeadPartition]:
    """Write the rows of a table into Parquet files of at most `ROWS` rows each.

    Parameters
    ----------
    table
        Open table; its rejected rows are not in its batches.
    folder
        Existing folder; each file is complete once it has its name.
    number
        Position of the first partition.
    """
    partitions: list[LeadPartition] = []
    for batch in table.batches:
        for part in batch.slices(ROWS):
            if not len(part.lines):
                continue
            path = folder / f"leads-{number:06}.parquet"
            with replacing(path) as unfinished:
                parquet.write_table(part.rows.append_column(LINE, pa.array(part.lines)), unfinished, compression="zstd")
            partitions.append(LeadPartition(number, path, (0,), 1, len(part.lines), table.name))
            number += 1
    return partitions


def _open(path: Path) -> parquet.ParquetFile:
    try:
        return parquet.ParquetFile(path, pre_buffer=False, memory_map=False)
    except UNREADABLE as error:
        raise InputError(f"{path} is not a Parquet file: {error}", do="check the path and the file") from error
