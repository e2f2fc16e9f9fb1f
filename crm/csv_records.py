"""Records of a delimited file, one at a time, with the line of each and the fault of a broken one."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

MAX_LINES = 1_000
"""A quote still open after so many lines was never closed: only its first line is set aside."""

_FIELD_LIMIT = 16 << 20
_FAULTS = {
    "unexpected end of data": "quote never closed",
    "new-line character seen": "stray carriage return",
    "expected after": "broken quotes",
}


class CsvSource(Protocol):
    """Bytes still to be read."""

    rest: bytes

    def more(self) -> bool:
        """Append the next block to `rest`; return whether there was one."""


@dataclass(frozen=True)
class CsvRecord:
    """One record of the file.

    Attributes
    ----------
    line, next_line
        Lines on which this record and the next one begin.
    text
        As it stands in the file.
    fields
        None where the record is broken; empty for a blank line.
    fault
        Why the record is broken.
    """

    line: int
    next_line: int
    text: str
    fields: list[str] | None
    fault: str = ""


def read_records(source: CsvSource, delimiter: str, line: int, until: int) -> Generator[CsvRecord, None, None]:
    """Take records until at least `until` bytes are taken.

    What was not taken stays in `source.rest`, also where the iteration is left early.

    Parameters
    ----------
    source
        Holds at least `until` bytes; more are asked for where the last record is not whole.
    delimiter
        One character.
    line
        Line of the file on which `source.rest` begins.
    until
        Bytes to take; the record that passes this mark is the last.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    position = 0
    try:
        while position < until:
            lines = _Lines(source, position)
            record = _record(lines, delimiter, line)
            position = lines.ends[-1] if record.fields is not None else lines.ends[record.next_line - line - 1]
            line = record.next_line
            yield record
    finally:
        source.rest = source.rest[position:]


def _record(lines: _Lines, delimiter: str, line: int) -> CsvRecord:
    try:
        fields = next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        fault = next((plain for part, plain in _FAULTS.items() if part in str(error)), "broken record")
        return CsvRecord(line, line + 1, lines.text(1), None, f"{fault}: {error}")
    used = len(lines.ends)
    if lines.broken:
        return CsvRecord(line, line + used, lines.text(used), None, "broken encoding: bytes that are not text")
    return CsvRecord(line, line + used, lines.text(used), fields)


class _Lines:
    """Physical lines from a position on, as text; remembers where each ended, and whether one is no text."""

    def __init__(self, source: CsvSource, start: int) -> None:
        self.source, self.start = source, start
        self.ends: list[int] = []
        self.broken = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        begin = self.ends[-1] if self.ends else self.start
        end = self.source.rest.find(b"\n", begin) + 1
        while not end and self.source.more():
            end = self.source.rest.find(b"\n", begin) + 1
        end = end or len(self.source.rest)
        if end == begin or len(self.ends) == MAX_LINES:
            raise StopIteration
        self.ends.append(end)
        line = self.source.rest[begin:end]
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.broken = True
            return line.decode("utf-8", "surrogateescape")

    def text(self, lines: int) -> str:
        """Return the first lines as they stand in the file."""
        return self.source.rest[self.start : self.ends[lines - 1]].decode("utf-8", "backslashreplace")
