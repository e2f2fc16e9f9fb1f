"""Rows of a file that are not rows of its table: totals, footers, repeated headers and blank rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm.table_header import filled

NOT_A_ROW = "not a row of the table"
_TOTALS = (
    r"(grand|sub|report|overall|page|running)?[ -]?totals?|sum|totale|totali|totaal|totaux|total g[ée]n[ée]ral|somme"
    r"|subtotal|total general|suma|soma|summe|gesamt(summe|ergebnis)?|zwischensumme|insgesamt|razem|ogółem|celkem"
    r"|összesen|toplam|genel toplam|summa|totalt|i alt|yhteensä|σύνολο|итого|всего|итог|разом|усього|общо"
    r"|totale (generale|complessivo)|total geral"
    r"|endsumme|eindtotaal|totalsumma|suma (końcowa|całkowita)|végösszeg"
    r"|celkový součet|общий итог"
    r"|総合計|合计|总计|小计|合計|総計|小計|总和|합계|총계|소계|المجموع|الإجمالي|סך הכל|รวม|tổng( cộng)?|jumlah"
)
_TOTAL = re.compile(
    rf"(\d[\d,. ]* )?({_TOTALS})\b[\s:]*((of )?[\d.,]+ ?)?(\([^)]*\)|records?|rows?|leads?)?[\s:]*", re.IGNORECASE
)
_FOOTER = re.compile(
    r"copyright\b|©|\(c\) ?\d{4}|confidential|generated (by|on|at|:)|exported (by|on|at|:)|created by|report (run|date)"
    r"|run (by|on|date)|printed (by|on)|page \d+ of|end of (report|file|export|list)|do not distribute"
    r"|all rights reserved|(record|row|lead)s? ?(count|total)?:? ?\d+$|\(?\d+ (rows?|records?|leads?)\b.*$|[-=_*]{3,}$"
    r"|erstellt (von|am)|exportiert|vertraulich|généré (par|le)|exporté|confidentiel|generato (da|il)|esportato"
    r"|generado (por|el)|exportado|source:|notes?:|filters?:|as of |report as of",
    re.IGNORECASE,
)
FOOTER_ROWS = 30
"""Largest number of rows of a footer."""


def footer_fault(cells: Sequence[str]) -> str:
    """Return why the cells of a row are a total or a footer, or an empty text.

    A total is a word for it with nothing but numbers around it; other footers fill one or two cells.

    Examples
    --------
    >>> footer_fault(["Total", "", "12,500.00"]), footer_fault(["Total", "Ada", "google"])
    ('not a row of the table: total', '')
    >>> footer_fault(["Confidential Information - Do Not Distribute", "", ""])
    'not a row of the table: footer'
    """
    count = filled(cells)
    label, *others = [cell.strip() for cell in cells if cell.strip()] or [""]
    if _TOTAL.fullmatch(label) and (count < len(cells) or len(cells) == 1) and all(map(_is_amount, others)):
        return f"{NOT_A_ROW}: total"
    if count <= max(1, min(2, len(cells) - 2)) and _FOOTER.match(label):
        return f"{NOT_A_ROW}: footer"
    return ""


def _is_amount(cell: str) -> bool:
    """Return whether a cell has a digit, and at most three letters (of a currency)."""
    return any(map(str.isdigit, cell)) and sum(map(str.isalpha, cell)) <= 3


def footer_rows(rows: pa.Table) -> dict[int, str]:
    """Return the position of each row at the end of a table that is a total or a footer, with the reason."""
    faults: dict[int, str] = {}
    last = rows.slice(max(rows.num_rows - FOOTER_ROWS, 0))
    start = rows.num_rows - last.num_rows
    cells = list(zip(*(column.to_pylist() for column in last.columns), strict=True))
    for position in range(len(cells) - 1, -1, -1):
        fault = footer_fault(["" if cell is None else str(cell) for cell in cells[position]])
        if not fault:
            break
        faults[start + position] = fault
    return faults


def repeated_headers(rows: pa.Table, columns: Sequence[str]) -> NDArray[np.int64]:
    """Return the positions of the rows that repeat the header, as in concatenated exports."""
    mask = pc.equal(rows.column(0), columns[0])
    for column, name in zip(rows.columns[1:], columns[1:], strict=True):
        if not pc.any(mask).as_py():
            break
        mask = pc.and_(mask, pc.equal(pc.utf8_trim_whitespace(column), name))
    return _positions(mask)


def blank_rows(rows: pa.Table) -> NDArray[np.int64]:
    """Return the positions of the rows without any value."""
    mask = pc.equal(rows.column(0), "")
    for column in rows.columns[1:]:
        if not pc.any(mask).as_py():
            break
        mask = pc.and_(mask, pc.equal(pc.utf8_trim_whitespace(column), ""))
    return _positions(mask)


def _positions(mask: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.flatnonzero(mask.fill_null(False).to_numpy())
