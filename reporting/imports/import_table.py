"""Read a file of spend, traffic or counts: its rows, and the lines above and below its table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crm.marginal_rows import NOT_A_ROW
from crm.rejects import Rejects
from crm.table_header import Cells, filled
from crm.table_sources import gather, open_file
from leadworth.settings import TableLocation
from reporting.imports.import_headers import is_import_header

_ABOVE = f"{NOT_A_ROW}: above the header"
_TOTAL = f"{NOT_A_ROW}: total"


@dataclass(frozen=True)
class TableLine:
    """Row of a file with the line on which it begins; cells are text, or as typed by the file."""

    line: int
    cells: tuple[object, ...]


@dataclass(frozen=True)
class ImportTable:
    """Content of a file.

    Attributes
    ----------
    lines
        Rows of the table, total rows among them.
    preamble, footer
        Lines above the header and below the table.
    faulty
        Number of rows that could not be split into columns; `rejects` has them.
    """

    name: str
    columns: tuple[str, ...]
    lines: list[TableLine]
    preamble: list[str]
    footer: list[str]
    faulty: int
    warnings: tuple[str, ...] = ()

    def column(self, name: str) -> list[object]:
        """Return the cells of a column."""
        position = self.columns.index(name)
        return [line.cells[position] for line in self.lines]


class MarginalLines(Rejects):
    """Rejected rows, of which those that are no rows of the table stay in memory.

    A file of spend has a total that is compared and a preamble that names the account. Whether a row is a total is
    decided by its day and its campaign, not here.
    """

    def __init__(self, rejects: Rejects) -> None:
        super().__init__(None)
        self._rejects = rejects
        self.marginal: list[tuple[int, str, str | Sequence[object]]] = []

    def add(self, line: int, reason: str, row: str | Sequence[object]) -> None:
        """Add a row."""
        if reason.startswith(NOT_A_ROW):
            self.marginal.append((line, reason, row))
        elif isinstance(row, str) and _is_note(row):
            self.marginal.append((line, NOT_A_ROW, row))
        else:
            super().add(line, reason, row)
            self._rejects.add(line, reason, row)


class ImportFile:
    """A CSV (any encoding and delimiter), Excel or Parquet file, opened.

    Parameters
    ----------
    rejects
        Receives the rows that cannot be split into columns.

    Raises
    ------
    InputError
        If the file cannot be read.
    """

    def __init__(self, path: Path, rejects: Rejects) -> None:
        self._marginal = MarginalLines(rejects)
        self.raw = open_file(path, TableLocation(path=str(path)), self._marginal, is_import_header)

    def read(self) -> ImportTable:
        """Read the rows, and the lines above and below the table."""
        batch = gather(self.raw)
        cells = zip(*(column.to_pylist() for column in batch.rows.columns), strict=True)
        lines = [TableLine(int(line), row) for line, row in zip(batch.lines, cells, strict=True)]
        preamble: list[str] = []
        footer: list[str] = []
        for line, reason, row in self._marginal.marginal:
            if reason == _ABOVE:
                preamble.append(_text(row))
            elif reason == _TOTAL and not isinstance(row, str) and len(row) == len(self.raw.columns):
                lines.append(TableLine(line, tuple(row)))
            else:
                footer.append(_text(row))
        lines.sort(key=lambda row: row.line)
        return ImportTable(
            self.raw.name, self.raw.columns, lines, preamble, footer, self._marginal.count, self.raw.warnings
        )


def _text(row: str | Sequence[object]) -> str:
    cells = [row] if isinstance(row, str) else [str(cell) for cell in row if cell not in {None, ""}]
    return " ".join(cells).strip(' ",;\t\r\n')


def _is_note(row: str) -> bool:
    """Return whether a line of another width is one sentence: a footer in any language."""
    fields: Cells = next(csv.reader([row.strip().replace("\t", ",").replace(";", ",")]), [])
    return filled(fields) <= 1 and not any(map(str.isdigit, row.partition(" ")[0]))
