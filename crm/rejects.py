"""Rows that could not be used, set aside with their line and the reason.

A bad row never stops a file and never vanishes: it is written to `<name>.rejected.csv`, and the
counts must balance.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from leadworth.errors import InputError

HEADER = ("line", "reason", "row")


@dataclass(frozen=True)
class TableCounts:
    """How many rows of one table came in, were kept, and were set aside.

    Examples
    --------
    >>> TableCounts(name="leads.csv", rows_in=3, rows_kept=2, rows_rejected=1).check()
    TableCounts(name='leads.csv', rows_in=3, rows_kept=2, rows_rejected=1, rejected=None)
    """

    name: str
    rows_in: int
    rows_kept: int
    rows_rejected: int
    rejected: Path | None = None

    def check(self) -> Self:
        """Return the counts where they balance.

        Raises
        ------
        InputError
            Where rows came in that were neither kept nor set aside.
        """
        if self.rows_in != self.rows_kept + self.rows_rejected:
            raise InputError(
                f"{self.name}: {self.rows_in} rows came in, {self.rows_kept} were kept and "
                f"{self.rows_rejected} set aside",
                do="report this as a defect, with the file",
            )
        return self


def rejected_path(path: Path) -> Path:
    """Return where the rejected rows of a file go: beside it.

    Examples
    --------
    >>> rejected_path(Path("leads.csv.gz")).name
    'leads.rejected.csv'
    """
    name = path.name
    for suffix in (".gz", ".csv", ".tsv", ".txt", ".parquet"):
        name = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    return path.with_name(f"{name}.rejected.csv")


class Rejects:
    """Collect rejected rows and write them to one CSV file.

    The file is made at the first rejected row and takes its name when the collection closes without
    an error; a file left by an earlier run is removed where nothing was rejected this time.

    Parameters
    ----------
    path
        Where the rows go; None keeps only their number.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.count = 0
        self.reasons: dict[str, int] = {}
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif self._file is not None:
            self._file.close()
            self._part.unlink()

    def add(self, line: int, reason: str, row: str | Sequence[object]) -> None:
        """Set one row aside.

        Parameters
        ----------
        line
            Line of the file on which the row begins, from 1; of a table, the number of the row.
        reason
            Why the row cannot be used.
        row
            The text of the row, or its values.
        """
        self.count += 1
        kind = reason.partition(":")[0]
        self.reasons[kind] = self.reasons.get(kind, 0) + 1
        if self.path is None:
            return
        if self._file is None:
            self._file = self._part.open("w", encoding="utf-8", errors="backslashreplace", newline="")
            csv.writer(self._file).writerow(HEADER)
        raw = row.rstrip("\r\n") if isinstance(row, str) else _joined(row)
        csv.writer(self._file).writerow((line, reason, raw))

    def close(self) -> Path | None:
        """Give the file its name and return it, or None where nothing was set aside."""
        if self._file is not None and self.path is not None:
            self._file.close()
            self._file = None
            self._part.replace(self.path)
        elif self.path is not None and not self.count:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
        return self.path if self.count else None

    def counts(self, name: str, rows_in: int, rows_kept: int) -> TableCounts:
        """Return the balanced counts of the table whose rejects these are."""
        rejected = self.path if self.count else None
        return TableCounts(name, rows_in, rows_kept, self.count, rejected).check()

    @property
    def _part(self) -> Path:
        if self.path is None:
            raise ValueError("these rejects are only counted")
        return self.path.with_name(self.path.name + ".part")


def _joined(values: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(["" if value is None else value for value in values])
    return buffer.getvalue()
