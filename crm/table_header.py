"""Find the header of a table below title lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

Cells = Sequence[str]
IsHeader = Callable[[Cells], bool]
_LOOKED_AT = 40
_COMPARED = 20


def find_header(records: Sequence[Cells], is_header: IsHeader | None = None) -> tuple[int, int]:
    """Return the position of the header among the first records of a table, and the number of fields of its rows.

    Rows may have more fields than the header where these are empty, as with a delimiter at the end of each row.
    Records above the header are titles, filters and blank lines: they have few filled cells. Where nothing
    says otherwise, the first record that is not blank is the header.

    Parameters
    ----------
    records
        First records, blank ones included.
    is_header
        Whether the names of a record are those of the header that is searched for; the first such record is it.

    Examples
    --------
    >>> find_header([["Lead export"], [], ["id", "name"], ["1", "Ada"]])
    (2, 2)
    >>> find_header([["id", "name"], ["1", "Ada", ""], ["2", "Bo", ""]])
    (0, 3)
    """
    first = next((position for position, record in enumerate(records) if filled(record)), 0)
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return first, len(records[first]) if records else 0
    width = max(widths, key=lambda fields: (widths[fields], fields))
    if is_header is not None:
        named = next((number for number, record in enumerate(records[:_LOOKED_AT]) if is_header(record)), None)
        if named is not None:
            return named, max(width, len(records[named]))
    only_titles = True
    for position, record in enumerate(records[:_LOOKED_AT]):
        count = filled(record)
        body = records[position + 1 :]
        if _can_be_header(record, width, body) and (only_titles or _differs(record, body)):
            if not _is_filter_line(position, records, width):
                return position, max(width, len(record))
        elif count > max(2, width // 2):
            break
        only_titles = only_titles and count <= 1
    return first, len(records[first])


def filled(record: Cells) -> int:
    """Return the number of cells that are not blank."""
    return sum(bool(cell.strip()) for cell in record)


def _can_be_header(record: Cells, width: int, body: Sequence[Cells]) -> bool:
    """Return whether a record has a name for most columns, and rows have nothing beyond it."""
    fields = len(record)
    if filled(record) < max(2, 0.6 * fields):
        return False
    if fields == width:
        return True
    wide = [other for other in body if len(other) == width]
    return fields < width and bool(wide) and not any(filled(other[fields:]) for other in wide)


def _differs(record: Cells, body: Sequence[Cells]) -> bool:
    """Return whether, in some column, the record has a word and most of the rows have numbers, dates or addresses."""
    for column, name in enumerate(record):
        below = [other[column] for other in body if len(other) > column and other[column].strip()][:_COMPARED]
        if name.strip() and not _is_data(name) and below and 2 * sum(map(_is_data, below)) > len(below):
            return True
    return False


def _is_data(cell: str) -> bool:
    return "@" in cell or any(letter.isdigit() for letter in cell)


def _is_filter_line(position: int, records: Sequence[Cells], width: int) -> bool:
    """Return whether lines with blank cells are followed by a blank line and a better header."""
    counts = [filled(record) for record in records[position:_LOOKED_AT]]
    blank = next((offset for offset, count in enumerate(counts) if not 0 < count < width), 0)
    below = next((offset for offset, count in enumerate(counts) if offset > blank and count), 0)
    if not blank or counts[blank] or not below:
        return False
    record, body = records[position + below], records[position + below + 1 :]
    return filled(record) == len(record) == width and _differs(record, body)
