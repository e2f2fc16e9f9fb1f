"""A table as it was received: batches of raw rows with the line each began on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadworth.errors import InputError
from leadworth.privacy import redact

ROW_NUMBER = "row_number"
"""A name that may stand for the id or the order in a table that has no such column."""

_MOST_SHOWN, _LONGEST_SHOWN = 100, 60


@dataclass(frozen=True)
class RawBatch:
    """Some rows of a table as received.

    Attributes
    ----------
    rows
        The columns; text of CSV is text, databases and Parquet keep their types.
    lines
        (rows,) line of the file on which each row begins, or the number of the row, from 1.
    faults
        How many rows of this stretch of the file could not be split into columns, and were set aside.
    """

    rows: pa.Table
    lines: NDArray[np.int64]
    faults: int = 0

    def slices(self, size: int) -> Iterator[RawBatch]:
        """Yield the rows in parts of at most `size`; the faults go with the first."""
        for start in range(0, max(len(self.lines), 1), size):
            part = self.rows.slice(start, size)
            yield RawBatch(part, self.lines[start : start + size], self.faults if start == 0 else 0)


@dataclass(frozen=True)
class RawTable:
    """A table that can be read once, batch by batch."""

    name: str
    columns: tuple[str, ...]
    batches: Iterator[RawBatch]


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Return column names that are neither empty nor twice the same.

    Examples
    --------
    >>> unique_names(["Email", " ", "Email"])
    ('Email', 'column_2', 'Email.2')
    """
    names: list[str] = []
    for position, raw in enumerate(header, start=1):
        name = raw.strip() or f"column_{position}"
        number = 2
        while name in names:
            name = f"{raw.strip() or f'column_{position}'}.{number}"
            number += 1
        names.append(name)
    return tuple(names)


def require(table: str, columns: Sequence[str], wanted: dict[str, str]) -> None:
    """Check that the columns named in the settings are there.

    Parameters
    ----------
    table
        Name of the table, for the message.
    columns
        The columns that the table has.
    wanted
        Setting -> column that it names.

    Raises
    ------
    InputError
        Names every absent column with the nearest ones.
    """
    absent = {setting: name for setting, name in wanted.items() if name not in columns and name != ROW_NUMBER}
    if not absent:
        return
    named = ", ".join(f"{setting} = {name!r}{_nearest(name, columns)}" for setting, name in absent.items())
    raise InputError(
        f"{table} has no column for {named}",
        allowed=_shown(columns) or "the table has no columns",
        do="correct leadworth.toml, or run `leadworth init` on it; the first line must name the columns",
    )


def _shown(columns: Sequence[str]) -> str:
    """List columns for a message; a file without a header would show a person's data, a binary one rubbish.

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
