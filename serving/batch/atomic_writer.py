"""Writer of CSV, Parquet and Arrow files that publishes a file only when it is complete.

Rows go to a temporary file on the disk of the target, which is renamed to the target once everything is on disk.
An interrupted run leaves the target unchanged.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from leadworth.atomic_files import unfinished_path
from leadworth.errors import InputError

Format = Literal["csv", "csv.gz", "parquet", "arrow"]
_COMPRESSION_LEVEL = 6


def format_of(path: Path) -> Format:
    """Return the format for the suffix of a file.

    Raises
    ------
    InputError
        If files with this suffix cannot be written.

    Examples
    --------
    >>> format_of(Path("scored.csv.gz")), format_of(Path("scored.parquet"))
    ('csv.gz', 'parquet')
    """
    name = path.name.lower()
    formats: tuple[Format, ...] = ("csv.gz", "csv", "parquet")
    for suffix in formats:
        if name.endswith(f".{suffix}"):
            return suffix
    raise InputError(
        f"{path.name} does not say in which format to write",
        allowed="a name that ends in .csv, .csv.gz or .parquet",
        do="change --output",
    )


class TableWriter:
    """Write tables of one schema, one after the other, to a CSV, Parquet or Arrow file.

    Parameters
    ----------
    path
        Target.
    kind
        Format; None: that of the suffix. An Arrow file, which takes less time to write and to read than Parquet, is for
        rows that are read again.
    scratch
        Folder of the temporary file, on the disk of the target; None: that of the target.

    Raises
    ------
    InputError
        If the folder does not exist or cannot be written.
    """

    def __init__(self, path: Path, kind: Format | None = None, *, scratch: Path | None = None) -> None:
        self.path = path
        self.format = kind or format_of(path)
        self.rows = 0
        self._part = unfinished_path((scratch or path.parent) / path.name)
        self._open = ExitStack()
        self._write: Callable[[pa.Table], None] | None = None
        try:
            self._part.touch()
        except OSError as error:
            raise InputError(
                f"{path.parent.absolute()} cannot be written: {error.strerror}",
                do="make the folder, or change --output",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._open.close()
            if error is None:
                self._publish()
        finally:
            self._part.unlink(missing_ok=True)

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if self._write is None:
            self._write = self._begin(table.schema)
        self._write(table)
        self.rows += len(table)

    def _begin(self, schema: pa.Schema) -> Callable[[pa.Table], None]:
        if self.format == "parquet":
            return cast(
                Callable[[pa.Table], None],
                self._open.enter_context(parquet.ParquetWriter(self._part, schema, compression="zstd")).write_table,
            )
        file = self._open.enter_context(self._part.open("wb"))
        if self.format == "arrow":
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            stream = self._open.enter_context(pa.ipc.new_file(file, schema, options=options))
            return cast(Callable[[pa.Table], None], stream.write_table)
        if self.format == "csv.gz":
            compressed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=_COMPRESSION_LEVEL)
            sink = self._open.enter_context(pa.PythonFile(self._open.enter_context(compressed), mode="w"))
        else:
            sink = self._open.enter_context(pa.PythonFile(file, mode="w"))
        return cast(Callable[[pa.Table], None], self._open.enter_context(arrow_csv.CSVWriter(sink, schema)).write_table)

    def _publish(self) -> None:
        """Flush the rows to disk, then rename the file to the target."""
        with self._part.open("rb+") as file:
            os.fsync(file.fileno())
        self._part.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
