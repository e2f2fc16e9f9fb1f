"""Read a sheet of a spreadsheet file (.xlsx, .xlsm, .xlsb, .xls, .ods) in batches of typed columns.

Formulas have the value that was saved with them, cells with an error are missing, dates are dates.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa

from crm.decompression import DAMAGED
from crm.marginal_rows import FOOTER_ROWS, NOT_A_ROW, footer_fault
from crm.raw_table import RawBatch, RawTable, unique_names
from crm.rejects import Rejects
from crm.table_header import IsHeader, filled, find_header
from leadworth.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_BATCH_ROWS = 20_000
_HEADER_ROWS = 100
_LARGEST_BYTES = 2 << 30
_MOST_CELLS = 60_000_000
_EXACT = 2.0**53
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")
_PLACE = re.compile(rb"[<:]c\s[^>]{0,60}?\br=[\"']([A-Z]{1,9})(\d{1,18})[\"']")
_BLOCK_BYTES, _LONGEST_PLACE = 1 << 20, 120
Row = Sequence[object]


@dataclass(frozen=True)
class _SheetTable:
    """Table on a sheet.

    Attributes
    ----------
    header
        Index of the row with the names.
    positions
        Columns of the sheet that have a name or a value.
    raw_header
        Cells of the header, in the order of `positions`.
    """

    sheet: CalamineSheet
    header: int
    names: tuple[str, ...]
    positions: tuple[int, ...]
    raw_header: list[object]


def open_workbook(
    path: Path, rejects: Rejects, sheet: str | None = None, is_header: IsHeader | None = None
) -> RawTable:
    """Open a sheet; the line of a row is its number in the sheet, from 1.

    Parameters
    ----------
    path
        File.
    rejects
        Receives titles above the header, totals and footers.
    sheet
        Name of the sheet, which may have another name where it is the only one; None for the visible one with most
        rows.
    is_header
        See `crm.table_header.find_header`.

    Raises
    ------
    ConfigurationError
        If there is no such sheet.
    InputError
        If the file cannot be read, or has no table.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        _check_size(path)
        book = CalamineWorkbook.from_path(path)
        chosen, others = _choose(path, book, sheet)
        table, titles = _find_table(path, chosen, is_header)
    except (CalamineError, RuntimeError, *DAMAGED) as error:
        raise InputError(
            f"{path} cannot be read as a spreadsheet: {error}",
            do="open it, and save it as .xlsx without a password, or as CSV",
        ) from error
    for number, title in titles:
        rejects.add(number, f"{NOT_A_ROW}: above the header", title)
    warnings: tuple[str, ...] = ()
    if sheet is None and others:
        listed = ", ".join(map(repr, others[:5]))
        warnings = (
            f"{path.name}: sheet {chosen.name!r} is read, and not {listed}; `sheet` of a table chooses another",
        )
    if sheet is not None and chosen.name != sheet:
        warnings = (f"{path.name}: sheet {chosen.name!r} is read, the only one; there is no {sheet!r}",)
    return RawTable(path.name, table.names, _batches(table, rejects, len(titles)), warnings)


def _check_size(path: Path) -> None:
    """Refuse a file whose sheets would not fit in memory; a sheet is held there from its first to its last cell."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > _LARGEST_BYTES:
            raise InputError(
                f"{path} has {size >> 20:,} MiB unpacked", allowed=f"{_LARGEST_BYTES >> 20:,} MiB", do="save it as CSV"
            )
        for name in archive.namelist():
            if _SHEET.fullmatch(name):
                with archive.open(name) as file:
                    rows, columns = _extent(file)
                if rows * columns > _MOST_CELLS:
                    raise InputError(
                        f"{path} has a sheet of {rows:,} rows and {columns:,} columns",
                        allowed=f"{_MOST_CELLS:,} cells",
                        do="delete what is far from the table, or save it as CSV",
                    )


def _extent(file: IO[bytes]) -> tuple[int, int]:
    """Return the last row and the last column that the cells of a sheet name."""
    last_row = last_column = 0
    rest = b""
    while block := file.read(_BLOCK_BYTES):
        places = _PLACE.findall(rest + block)
        rest = block[-_LONGEST_PLACE:]
        columns = {letters for letters, _ in places}
        last_row = max(last_row, *(int(digits) for _, digits in places), 0)
        last_column = max(last_column, *map(_column_number, columns), 0)
    return last_row, last_column


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _choose(path: Path, book: CalamineWorkbook, name: str | None) -> tuple[CalamineSheet, list[str]]:
    """Return the sheet to read, and the names of the other visible ones that have a table."""
    from python_calamine import SheetVisibleEnum

    if name is not None and len(book.sheet_names) == 1:
        return book.get_sheet_by_index(0), []
    if name is not None and name not in book.sheet_names:
        raise ConfigurationError(
            f"{path.name} has no sheet {name!r}", allowed=", ".join(map(repr, book.sheet_names)), do="correct `sheet`"
        )
    if name is not None:
        return book.get_sheet_by_name(name), []
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    heights: dict[str, int] = {}
    for candidate in shown or book.sheet_names:
        sheet = book.get_sheet_by_name(candidate)
        if sheet.height > 1 and sheet.width > 1:
            heights[candidate] = sheet.height
    if not heights:
        raise InputError(f"{path} has no table", do="check that a sheet has a header and rows")
    best = max(heights, key=lambda candidate: heights[candidate])
    return book.get_sheet_by_name(best), [candidate for candidate in heights if candidate != best]


def _find_table(
    path: Path, sheet: CalamineSheet, is_header: IsHeader | None
) -> tuple[_SheetTable, list[tuple[int, list[str]]]]:
    """Return the table of a sheet, and the rows above it."""
    cells = list(islice(sheet.iter_rows(), _HEADER_ROWS))
    first = [[cell_text(cell) for cell in row] for row in cells]
    if not any(map(filled, first)):
        raise InputError(f"sheet {sheet.name!r} of {path} is empty", do="set `sheet`, or export the file again")
    header, _ = find_header(first, is_header)
    used = {position for position, name in enumerate(first[header]) if name.strip()}
    for number, row in enumerate(sheet.iter_rows()):
        if len(used) == len(row):
            break
        if number > header:
            used.update(position for position, cell in enumerate(row) if position not in used and cell != "")
    positions = tuple(sorted(used))
    names = unique_names([first[header][position] for position in positions])
    start = 1 + (sheet.start or (0, 0))[0]
    titles = [(number + start, row) for number, row in enumerate(first[:header]) if filled(row)]
    return _SheetTable(sheet, header, names, positions, [cells[header][position] for position in positions]), titles


def _batches(table: _SheetTable, rejects: Rejects, faults: int) -> Iterator[RawBatch]:
    """Yield the rows, typed by all cells of each column; the first batch counts `faults` rejected rows more."""
    kinds = [_CellKinds() for _ in table.names]
    for chunk in _chunks(table, Rejects(None)):
        for kind, cells in zip(kinds, zip(*chunk.rows, strict=True), strict=True):
            kind.add(cells)
    for chunk in _chunks(table, rejects):
        columns = list(zip(*chunk.rows, strict=True)) or [()] * len(kinds)
        arrays = [kind.array(cells) for kind, cells in zip(kinds, columns, strict=True)]
        yield RawBatch(
            pa.table(arrays, names=list(table.names)), np.array(chunk.lines, dtype=np.int64), chunk.faults + faults
        )
        faults = 0
    if faults:
        empty = pa.table([kind.array(()) for kind in kinds], names=list(table.names))
        yield RawBatch(empty, np.empty(0, dtype=np.int64), faults)


@dataclass
class _Chunk:
    """Rows of a table with their numbers in the sheet, and the number of rejected ones among them."""

    lines: list[int]
    rows: list[Row]
    faults: int = 0


def _chunks(table: _SheetTable, rejects: Rejects) -> Iterator[_Chunk]:
    """Yield the rows that are not blank, without repeated headers and footers."""
    chunk = _Chunk([], [])
    first_line = 1 + (table.sheet.start or (0, 0))[0]
    for number, cells in enumerate(table.sheet.iter_rows()):
        row = [cells[position] for position in table.positions]
        if number <= table.header or not any(cell != "" for cell in row):
            continue
        if row[0] == table.raw_header[0] and row == table.raw_header:
            rejects.add(number + first_line, f"{NOT_A_ROW}: repeated header", row)
            chunk.faults += 1
            continue
        chunk.lines.append(number + first_line)
        chunk.rows.append(row)
        if len(chunk.rows) >= _BATCH_ROWS + FOOTER_ROWS:
            yield _Chunk(chunk.lines[:_BATCH_ROWS], chunk.rows[:_BATCH_ROWS], chunk.faults)
            chunk = _Chunk(chunk.lines[_BATCH_ROWS:], chunk.rows[_BATCH_ROWS:])
    while chunk.rows and (fault := footer_fault([cell_text(cell) for cell in chunk.rows[-1]])):
        rejects.add(chunk.lines.pop(), fault, chunk.rows.pop())
        chunk.faults += 1
    if chunk.rows or chunk.faults:
        yield chunk


class _CellKinds:
    """Types of the cells of a column."""

    def __init__(self) -> None:
        self._types: set[type] = set()
        self._whole = True

    def add(self, cells: Sequence[object]) -> None:
        """Add cells; blank ones have no type."""
        self._types.update({type(cell) for cell in cells if cell != ""})
        if self._whole and float in self._types:
            floats = (cell for cell in cells if isinstance(cell, float))
            self._whole = all(cell.is_integer() and abs(cell) <= _EXACT for cell in floats)

    def array(self, cells: Sequence[object]) -> pa.Array:
        """Return cells as an array of the type of the column; text if types are mixed."""
        if self._types == {float}:
            values = [None if cell == "" else cell for cell in cells]
            return pa.array(values, pa.float64()).cast(pa.int64() if self._whole else pa.float64())
        if self._types == {bool}:
            return pa.array([None if cell == "" else cell for cell in cells], pa.bool_())
        if self._types == {date}:
            return pa.array([None if cell == "" else cell for cell in cells], pa.date32())
        if self._types and self._types <= {date, datetime}:
            return pa.array([None if cell == "" else _moment(cell) for cell in cells], pa.timestamp("us"))
        return pa.array([None if cell == "" else cell_text(cell) for cell in cells], pa.string())


def _moment(cell: object) -> object:
    return datetime(cell.year, cell.month, cell.day) if type(cell) is date else cell


def cell_text(cell: object) -> str:
    """Return a cell as text, whole numbers without a fraction."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) <= _EXACT else repr(cell)
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)
