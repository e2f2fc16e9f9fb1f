"""Rows of histories and joining objects, read ahead in the order of the records that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class RowPosition:
    """Position among rows that are ordered by a record's id and their own.

    Attributes
    ----------
    record_id
        Record of the next row, or of the last one.
    row_id
        The last row; empty: none of the record's rows was read.
    """

    record_id: str
    row_id: str = ""


class RowsAhead:
    """Merge join of all records with the rows of another object, both in the order of the records' ids.

    Pages of rows are as full as Salesforce makes them, whatever the pages of the records, and nothing is asked once the
    last row was read.

    Parameters
    ----------
    field
        Field of the rows with the id of the record.
    read
        Returns the rows from a position on, and whether there may be more.

    Examples
    --------
    >>> rows = [{"LeadId": key, "Id": str(number)} for number, key in enumerate("abbc")]
    >>> def read(position: RowPosition) -> tuple[Rows, bool]:
    ...     later = [row for row in rows if (row["LeadId"], row["Id"]) > (position.record_id, position.row_id)]
    ...     return later[:3], len(later) > 3
    >>> ahead = RowsAhead("LeadId", read)
    >>> [row["Id"] for row in ahead.between("a", "a")], [row["Id"] for row in ahead.between("b", "d")]
    (['0'], ['1', '2', '3'])
    """

    def __init__(self, field: str, read: Callable[[RowPosition], tuple[Rows, bool]]) -> None:
        self._field = field
        self._read = read
        self._end = ""
        self._rows: list[Mapping[str, Any]] = []
        self._more = True

    def between(self, first: str, last: str) -> Rows:
        """Return the rows of the records from one id to another; ranges may come in any order."""
        if first <= self._end:
            self._rows, self._more = [], True
        self._end = last
        self._rows = [row for row in self._rows if row[self._field] >= first]
        position = RowPosition(self._rows[-1][self._field], self._rows[-1]["Id"]) if self._rows else RowPosition(first)
        while self._more and (not self._rows or self._rows[-1][self._field] <= last):
            rows, self._more = self._read(position)
            self._rows += rows
            if rows:
                position = RowPosition(rows[-1][self._field], rows[-1]["Id"])
        found = [row for row in self._rows if row[self._field] <= last]
        self._rows = self._rows[len(found) :]
        return found
