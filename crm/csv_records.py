"""CSV record reader: one record at a time, with its line number and, if it is broken, the fault and its repair."""

from __future__ import annotations

import contextlib
import csv
import re
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
    "expected after": "broken quotes",
}
_NOT_TEXT = "broken encoding: bytes that are not text"
_ESCAPE = re.compile(rb'\\(["\\\n])')
_ESCAPED = {b'"': b'""', b"\\": b"\\", b"\n": b"\n"}


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

    @property
    def repairable(self) -> bool:
        """Whether the record is one line of text with quotes, so that they may be meant in another way."""
        return '"' in self.text and "\n" not in self.text.rstrip("\r\n") and self.fault != _NOT_TEXT


def read_records(
    source: CsvSource, delimiter: str, line: int, until: int, *, padded: bool = False
) -> Generator[CsvRecord, None, None]:
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
    padded
        There are spaces between delimiters and quotes.
    """
    position = 0
    try:
        while position < until:
            lines = _Lines(source, position)
            record = _record(lines, delimiter, line, padded)
            position = lines.ends[-1] if record.fields is not None else lines.ends[record.next_line - line - 1]
            line = record.next_line
            yield record
    finally:
        source.rest = source.rest[position:]


def _record(lines: _Lines, delimiter: str, line: int, padded: bool) -> CsvRecord:
    texts = (_unpadded(text, delimiter) for text in lines) if padded else lines
    try:
        with long_fields():
            fields = next(csv.reader(texts, delimiter=delimiter, strict=True, skipinitialspace=padded))
    except csv.Error as error:
        if lines.broken:
            return CsvRecord(line, line + 1, lines.text(1), None, _NOT_TEXT)
        fault = next((reason for part, reason in _FAULTS.items() if part in str(error)), "broken record")
        return CsvRecord(line, line + 1, lines.text(1), None, f"{fault}: {error}")
    used = len(lines.ends)
    if lines.broken:
        return CsvRecord(line, line + used, lines.text(used), None, _NOT_TEXT)
    return CsvRecord(line, line + used, lines.text(used), fields)


def _unpadded(text: str, delimiter: str) -> str:
    """Return a line without the spaces between a quote and the delimiter or line end after it."""
    return re.sub(rf'" +(?={re.escape(delimiter)}|\r?\n|\Z)', '"', text)


def repaired_fields(text: str, delimiter: str) -> Iterator[list[str]]:
    r"""Yield the ways to split one line whose quotes are broken.

    Quotes may be escaped by a backslash, or not at all. The caller takes the first way that has the right
    number of fields.

    Parameters
    ----------
    text
        The line.
    delimiter
        One character.

    Examples
    --------
    >>> list(repaired_fields('"1","Bar "Roma", centro"', ","))
    [['1', 'Bar "Roma", centro'], ['1', 'Bar "Roma', ' centro"']]
    """
    line = text.rstrip("\r\n")
    if '\\"' in line:
        doubled = unescape(line.encode()).decode()
        with contextlib.suppress(csv.Error, StopIteration), long_fields():
            yield next(csv.reader([doubled], delimiter=delimiter, strict=True))
    if len(line) > 1 and line[0] == line[-1] == '"':
        yield [field.replace('""', '"') for field in line[1:-1].split(f'"{delimiter}"')]
    fields = _split_at_closing_quotes(line, delimiter)
    if fields is not None:
        yield fields


def unescape(text: bytes) -> bytes:
    r"""Return text with quotes doubled instead of escaped by a backslash.

    Examples
    --------
    >>> print(unescape(rb'"Bar \"Roma\", centro"').decode())
    "Bar ""Roma"", centro"
    """
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], text)


def _split_at_closing_quotes(line: str, delimiter: str) -> list[str] | None:
    """Return the fields if a quote closes a field only before a delimiter; None if one is never closed."""
    fields: list[str] = []
    position = 0
    while position <= len(line):
        quoted = line.startswith('"', position)
        end = line.find(f'"{delimiter}' if quoted else delimiter, position + quoted)
        if end < 0:
            end = len(line) - quoted
            if quoted and (end <= position or line[-1] != '"'):
                return None
        field = line[position + quoted : end]
        fields.append(field.replace('""', '"') if quoted else field)
        position = end + quoted + 1
    return fields


@contextlib.contextmanager
def long_fields() -> Iterator[None]:
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
