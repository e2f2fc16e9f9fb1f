"""Rejected rows: written to `<name>.rejected.csv` with line and reason, so that row counts balance."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from leadworth.csv_cells import neutralise
from leadworth.errors import InputError

HEADER = ("line", "reason", "row")


@dataclass(frozen=True)
class TableCounts:
    """Numbers of rows of one table that were read, kept and rejected, and why; warnings about the way it is read.

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
    reasons: Mapping[str, int] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = field(default=(), repr=False)

    def check(self) -> Self:
        """Return the counts if they balance.

        Raises
        ------
        InputError
            If rows were neither kept nor rejected.
        """
        if self.rows_in != self.rows_kept + self.rows_rejected:
            raise InputError(
                f"{self.name}: {self.rows_in} rows were read, {self.rows_kept} kept and {self.rows_rejected} rejected",
                do="report this as a defect, with the file",
            )
        return self


def rejected_path(path: Path, sheet: str | None = None) -> Path:
    """Return the path of the rejected rows of a file, or of one sheet of it, in the same folder.

    Examples
    --------
    >>> rejected_path(Path("leads.csv.gz")).name
    'leads.rejected.csv'
    >>> rejected_path(Path("crm.xlsx"), "Deals").name
    'crm.Deals.rejected.csv'
    """
    name = path.name
    for suffix in (".gz", ".zip", ".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"):
        name = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    table = f".{sheet.replace('/', '_')}" if sheet else ""
    return path.with_name(f"{name}{table}.rejected.csv")


class Rejects:
    """Writer of rejected rows to one CSV file.

    The file is created at the first rejected row and renamed to `path` on close without an error; a file of
    an earlier run is removed if no row is rejected. No cell of it begins a formula of a spreadsheet
    (`leadworth.csv_cells`).

    Parameters
    ----------
    path
        File to write; None to count the rows only.

    Attributes
    ----------
    warnings
        What is in doubt about the way in which the table is read, for its counts.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.count = 0
        self.reasons: dict[str, int] = {}
        self.warnings: tuple[str, ...] = ()
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
        """Reject one row.

        Parameters
        ----------
        line
            Line of the file on which the row begins, or the row number of a table, from 1.
        reason
            Why the row cannot be used.
        row
            Text of the row, or its values.
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
        csv.writer(self._file).writerow((line, neutralise(reason), neutralise(raw)))

    def summary(self) -> str:
        """Return the number of rejected rows with the reasons, or an empty text if there are none.

        Examples
        --------
        >>> rejects = Rejects(None)
        >>> rejects.add(7, "wrong number of fields: 3 instead of 5", "a,b,c")
        >>> rejects.summary()
        '1 row was rejected: wrong number of fields (1)'
        """
        return reject_summary(self.reasons)

    def close(self) -> Path | None:
        """Rename the file to `path` and return it, or None if no row was rejected."""
        if self._file is not None and self.path is not None:
            self._file.close()
            self._file = None
            self._part.replace(self.path)
        elif self.path is not None and not self.count:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
        return self.path if self.count else None

    def counts(self, name: str, rows_in: int, rows_kept: int) -> TableCounts:
        """Return the row counts of the table; raises InputError if they do not balance."""
        rejected = self.path if self.count else None
        return TableCounts(name, rows_in, rows_kept, self.count, rejected, self.reasons, self.warnings).check()

    @property
    def _part(self) -> Path:
        if self.path is None:
            raise ValueError("rejects without a path are only counted")
        return self.path.with_name(self.path.name + ".part")


def reject_summary(reasons: Mapping[str, int]) -> str:
    """Return the number of rejected rows with the reasons, given reason -> rows; an empty text without rows.

    Examples
    --------
    >>> reject_summary({"no id": 2, "date": 1})
    '3 rows were rejected: no id (2), date (1)'
    """
    count = sum(reasons.values())
    if not count:
        return ""
    listed = ", ".join(f"{reason} ({rows:,})" for reason, rows in reasons.items())
    return f"{count:,} {'row was' if count == 1 else 'rows were'} rejected: {listed}"


def _joined(values: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(["" if value is None else value for value in values])
    return buffer.getvalue()
