"""Cells of CSV files that hold text from outside: no spreadsheet runs them as a formula.

A spreadsheet reads a cell that begins with `=`, `+`, `-` or `@` as a formula, also behind white space. Such a cell gets
an apostrophe in front. Numbers and phone numbers stay as they are: nothing in them can be run. A cell that already
begins with apostrophes in front of such a text gets one more, so that `restore` returns every cell as it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

    Column = TypeVar("Column", pa.Array, pa.ChunkedArray)

_SPACE = "[ \t\n\r\f\v\u00a0]"
_FORMULA = f"'*(?:[\t\r\n]|{_SPACE}*[=@+\\-\uff1d\uff20\uff0b\uff0d])"
"""Begin of a cell that a spreadsheet may read as a formula; the last four are the full-width signs."""
_NUMBER = "'*[ \u00a0]*[+\\-](?:[0-9 \u00a0.,/()%$€£¥'\\-]*|[0-9.,]+[eE][+\\-]?[0-9]+)"
"""Signed number or phone number, the whole cell."""
_is_formula = re.compile(_FORMULA).match
_is_number = re.compile(_NUMBER).fullmatch


def neutralise(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula.

    Examples
    --------
    >>> neutralise("=HYPERLINK(1)"), neutralise("@SUM(A1)"), neutralise("-2+cmd|' /C calc'!A0")
    ("'=HYPERLINK(1)", "'@SUM(A1)", "'-2+cmd|' /C calc'!A0")
    >>> neutralise("-12.50"), neutralise("+49 (0)170 1234567"), neutralise("Acme")
    ('-12.50', '+49 (0)170 1234567', 'Acme')
    """
    return f"'{cell}" if _is_formula(cell) and not _is_number(cell) else cell


def restore(cell: str) -> str:
    """Return the cell that `neutralise` was given.

    Examples
    --------
    >>> restore(neutralise("=1+1")), restore(neutralise("'=1+1")), restore("'Acme'")
    ('=1+1', "'=1+1", "'Acme'")
    """
    return cell[1:] if cell.startswith("'") and _is_formula(cell) and not _is_number(cell) else cell


def neutralise_column(column: Column) -> Column:
    """Return a column of strings with `neutralise` applied to each cell."""
    import pyarrow.compute as pc

    risky = _risky(column)
    return (
        column if not pc.any(risky).as_py() else pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)
    )


def restore_column(column: Column) -> Column:
    """Return a column of strings with `restore` applied to each cell."""
    import pyarrow.compute as pc

    quoted = pc.starts_with(column, "'")
    if not pc.any(quoted).as_py():
        return column
    return pc.if_else(pc.and_(quoted, _risky(column)), pc.utf8_slice_codeunits(column, 1), column)


def _risky(column: Column) -> Column:
    import pyarrow.compute as pc

    formula = pc.match_substring_regex(column, f"^{_FORMULA}")
    return pc.and_not(formula, pc.match_substring_regex(column, f"^(?:{_NUMBER})$"))
