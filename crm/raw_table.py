"""Raw table: batches of rows as received, with their line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadworth.errors import InputError
from leadworth.privacy import redact

ROW_NUMBER = "row_number"
"""Setting of the id or order column of a table that has none."""

_LINE_BREAKS = re.compile(r"\s*[\r\n\t\v\f]+\s*")
_MOST_SHOWN, _LONGEST_SHOWN = 100, 60


@dataclass(frozen=True)
class RawBatch:
    """Batch of rows as received.

    Attributes
    ----------
    rows
        Columns: text for CSV; databases and Parquet keep their types.
    lines
        (rows,) line of the file on which each row begins, or the row number, from 1.
    faults
        Number of rejected rows in this part of the file that could not be split into columns.
    """

    rows: pa.Table
    lines: NDArray[np.int64]
    faults: int = 0

    def where(self, mask: NDArray[np.bool_]) -> RawBatch:
        """Return the rows of a mask, shape (rows,), with the faults."""
        return RawBatch(self.rows.filter(pa.array(mask)), self.lines[mask], self.faults)

    def slices(self, size: int) -> Iterator[RawBatch]:
        """Yield the rows in parts of at most `size`; the first part has the faults."""
        for start in range(0, max(len(self.lines), 1), size):
            part = self.rows.slice(start, size)
            yield RawBatch(part, self.lines[start : start + size], self.faults if start == 0 else 0)


@dataclass(frozen=True)
class RawTable:
    """Table that can be read once, batch by batch.

    Attributes
    ----------
    warnings
        What is in doubt about the way in which it is read, in sentences.
    known_values
        Values that cells may have though none has them yet, such as the stages of a CRM.
    """

    name: str
    columns: tuple[str, ...]
    batches: Iterator[RawBatch]
    warnings: tuple[str, ...] = ()
    known_values: frozenset[str] = frozenset()


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    r"""Return column names on one line that are not empty and not repeated.

    Examples
    --------
    >>> unique_names(["Email", " ", "Email", "Lead\nID"])
    ('Email', 'column_2', 'Email.2', 'Lead ID')
    """
    names: dict[str, None] = {}
    for position, raw in enumerate(header, start=1):
        plain = _LINE_BREAKS.sub(" ", raw).strip().strip("\ufeff\u200b") or f"column_{position}"
        name = plain
        number = 2
        while name in names:
            name = f"{plain}.{number}"
            number += 1
        names[name] = None
    return tuple(names)


def require(table: str, columns: Sequence[str], required: dict[str, str]) -> None:
    """Check that a table has the columns of the settings.

    Parameters
    ----------
    table
        Name of the table for the message.
    columns
        Columns of the table.
    required
        Setting -> column.

    Raises
    ------
    InputError
        If a column is absent; the message has the nearest names.
    """
    absent = {setting: name for setting, name in required.items() if name not in columns and name != ROW_NUMBER}
    if not absent:
        return
    listed = ", ".join(f"{setting} = {name!r}{_nearest(name, columns)}" for setting, name in absent.items())
    raise InputError(
        f"{table} has no column for {listed}",
        allowed=_shown(columns) or "the table has no columns",
        do="correct leadworth.toml, or run `leadworth init` on it; the first line must have the column names",
    )


def _shown(columns: Sequence[str]) -> str:
    """Return columns for a message, redacted because a file without a header shows personal data in them.

    Examples
    --------
    >>> _shown(["4711", "ada@example.org", "source"])
    '4711, [redacted], source'
    """
    readable = (column if column.isprintable() else "(unreadable)" for column in columns[:_MOST_SHOWN])
    names = [redact(name[:_LONGEST_SHOWN]) for name in readable]
    more = len(columns) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _nearest(name: str, columns: Sequence[str]) -> str:
    by_fold = {column.casefold(): column for column in columns}
    close = [by_fold[match] for match in get_close_matches(name.casefold(), by_fold, n=3, cutoff=0.6)]
    return f" (nearest: {', '.join(close)})" if close else ""
