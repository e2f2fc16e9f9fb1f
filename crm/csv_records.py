"""CSV record reader: one record at a time, with its line number and, if it is broken, the fault."""

from __future__ import annotations

import contextlib
import csv
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

MAX_LINES = 1_000
"""A quote that is open for more lines is taken as never closed: only its first line is rejected."""

_FIELD_LIMIT = 16 << 20
_FIELD_LIMIT_LOCK = threading.Lock()
_FAULTS = {
    "unexpected end of data": "quote never closed",
    "new-line character seen": "stray carriage return",
    "expected after": "broken quotes",
}


class CsvSource(Protocol):
    """Buffered input of the reader: the bytes not yet parsed."""

    rest: bytes

    def more(self) -> bool:
        """Append the next block to `rest`; return whether there was one."""


@dataclass(frozen=True)
class CsvRecord:
    """One record of a file.

    Attributes
    ----------
    line, next_line
        Lines on which this record and the next one begin.
    text
        Raw text of the record.
    fields
        None if the record is broken; empty for a blank line.
    fault
        Why the record is broken.
    """

    line: int
    next_line: int
    text: str
    fields: list[str] | None
    fault: str = ""


def read_records(source: CsvSource, delimiter: str, line: int, until: int) -> Generator[CsvRecord, None, None]:
    """Yield records until at least `until` bytes are consumed.

    The bytes not consumed remain in `source.rest`, also if the iteration ends early.

    Parameters
    ----------
    source
        Holds at least `until` bytes; more are read if the last record is incomplete.
    delimiter
        One character.
    line
        Line of the file on which `source.rest` begins.
    until
        Bytes to consume; the record that passes this mark is the last.
    """
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
        with _field_limit():
            fields = next(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        fault = next((reason for part, reason in _FAULTS.items() if part in str(error)), "broken record")
        return CsvRecord(line, line + 1, lines.text(1), None, f"{fault}: {error}")
    used = len(lines.ends)
    if lines.broken:
        return CsvRecord(line, line + used, lines.text(used), None, "broken encoding: bytes that are not text")
    return CsvRecord(line, line + used, lines.text(used), fields)


@contextlib.contextmanager
def _field_limit() -> Iterator[None]:
    """Raise the field limit of the csv module, which is global to the process, and restore it."""
    with _FIELD_LIMIT_LOCK:
        previous = csv.field_size_limit(_FIELD_LIMIT)
        try:
            yield
        finally:
            csv.field_size_limit(previous)


class _Lines:
    """Iterator over physical lines as text; records where each ends and whether one is not valid UTF-8."""

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
        """Return the raw text of the first lines."""
        return self.source.rest[self.start : self.ends[lines - 1]].decode("utf-8", "backslashreplace")
