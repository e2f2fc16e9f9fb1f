"""CSV reader: delimited files to batches of text columns.

A well-formed block is parsed by pyarrow. A block with a fault (wrong number of fields, stray quotes,
broken encoding) is parsed record by record by `crm.csv_records`, so that only the faulty rows are
rejected, each with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from crm.csv_records import read_records
from crm.raw_table import RawBatch, RawTable, unique_names
from crm.rejects import Rejects
from crm.text_encoding import BLOCK_BYTES, sniff_encoding, utf8_blocks
from leadworth.errors import InputError

DELIMITERS = (",", ";", "\t", "|")
_QUOTE, _LINE, _RETURN = 34, 10, 13
_SAMPLE_RECORDS = 50
_SAMPLE_CHARACTERS = 1 << 18
_LONGEST_RECORD = 4 * BLOCK_BYTES


@dataclass(frozen=True)
class Dialect:
    """Encoding, delimiter and line ends of a delimited file.

    Attributes
    ----------
    bare_returns
        Lines end in CR alone, as on old Macs.
    """

    encoding: str
    delimiter: str
    bare_returns: bool


def sniff(path: Path, delimiter: str | None = None, encoding: str | None = None) -> Dialect:
    """Return the dialect of a file; a delimiter or encoding of the settings is used as is.

    Raises
    ------
    InputError
        If the file cannot be opened or is damaged.
    """
    try:
        encoding = encoding or sniff_encoding(path)
        first = next(utf8_blocks(path, encoding), b"")
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read: {error}", do="check the path and the file") from error
    bare_returns = b"\n" not in first and b"\r" in first
    sample = first.replace(b"\r", b"\n") if bare_returns else first
    text = sample[:_SAMPLE_CHARACTERS].decode("utf-8", "replace")
    return Dialect(encoding, delimiter or sniff_delimiter(text), bare_returns)


def sniff_delimiter(sample: str) -> str:
    r"""Return the delimiter under which most records have as many fields as the header, and most fields.

    Examples
    --------
    >>> sniff_delimiter('id;amount\n1;"1,5"\n2;2,5\n'), sniff_delimiter("id\n1\n")
    (';', ',')
    """

    def score(delimiter: str) -> tuple[float, int]:
        try:
            records = list(islice(filter(None, csv.reader(io.StringIO(sample), delimiter=delimiter)), _SAMPLE_RECORDS))
        except csv.Error:
            return 0.0, 0
        if not records or len(records[0]) < 2:
            return 0.0, 0
        body = records[1:] or records
        width = len(records[0])
        return round(sum(len(record) == width for record in body) / len(body), 1), width

    return max(DELIMITERS, key=score)


def open_delimited(
    path: Path,
    rejects: Rejects,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> RawTable:
    """Open a delimited file as a table of text columns.

    Parameters
    ----------
    path
        CSV, optionally gzip-compressed.
    rejects
        Receives the rows whose fields do not match the columns of the header.
    delimiter, encoding
        None to detect them.
    block_bytes
        Approximate size of the blocks; a record may be longer.

    Raises
    ------
    InputError
        If the file cannot be read, or has no header.
    """
    dialect = sniff(path, delimiter, encoding)
    blocks = _blocks(path, dialect, block_bytes)
    source = _Source(blocks)
    header, first_line = source.header(dialect.delimiter)
    if not header:
        raise InputError(f"{path} is empty", do="export the file again, with a header line")
    columns = unique_names(header)
    return RawTable(path.name, columns, _batches(source, columns, dialect.delimiter, rejects, first_line))


def _blocks(path: Path, dialect: Dialect, block_bytes: int) -> Iterator[bytes]:
    try:
        for block in utf8_blocks(path, dialect.encoding, block_bytes):
            yield block.replace(b"\r", b"\n") if dialect.bare_returns else block
    except (OSError, EOFError) as error:
        raise InputError(f"{path} is damaged: {error}", do="copy or export the file again") from error


class _Source:
    """Buffered input: `rest` has the bytes that are not yet parsed."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.rest = b""

    def more(self) -> bool:
        """Append the next block; return whether there was one."""
        for block in self._blocks:
            if block:
                self.rest += block
                return True
        return False

    def header(self, delimiter: str) -> tuple[list[str], int]:
        """Consume the header; return its fields and the line after it."""
        line = 1
        while self.rest or self.more():
            records = read_records(self, delimiter, line, 1)
            record = next(records)
            records.close()
            line = record.next_line
            if record.fields is None:
                return record.text.rstrip("\r\n").split(delimiter), line
            if record.fields:
                return record.fields, line
        return [], line


def _batches(
    source: _Source, columns: tuple[str, ...], delimiter: str, rejects: Rejects, line: int
) -> Iterator[RawBatch]:
    last = False
    while not last or source.rest:
        buffered = len(source.rest)
        last = last or not source.more()
        if last and source.rest and not source.rest.endswith(b"\n"):
            source.rest += b"\n"
        plan = _plan(source.rest, delimiter)
        if plan is not None and not plan.end and not last and buffered < _LONGEST_RECORD:
            continue
        batch = (
            _parse_block(source.rest[: plan.end], plan, columns, delimiter, rejects, line)
            if plan and plan.end
            else None
        )
        if plan is not None and batch is not None:
            source.rest = source.rest[plan.end :]
            line += plan.lines
        else:
            batch, line = _parse_records(source, columns, delimiter, rejects, line)
        if len(batch.lines) or batch.faults:
            yield batch


@dataclass(frozen=True)
class _ReadPlan:
    """Record boundaries of a well-formed block.

    Attributes
    ----------
    end
        Bytes of the whole records.
    lines
        Number of their lines.
    starts
        (records,) number of lines of the block before each record.
    """

    end: int
    lines: int
    starts: NDArray[np.int64]
    quoted: bool
    multiline: bool


def _plan(block: bytes, delimiter: str) -> _ReadPlan | None:
    """Return the record boundaries of a block (`end` is 0 if no record is complete), or None if it has faults."""
    if block.count(b"\r") != block.count(b"\r\n"):
        return None
    data = np.frombuffer(block, dtype=np.uint8)
    breaks = np.flatnonzero(data == _LINE)
    quotes = np.flatnonzero(data == _QUOTE)
    ends = breaks
    if len(quotes):
        if not _well_quoted(data, quotes, ord(delimiter)):
            return None
        ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
    if not len(ends):
        return _ReadPlan(0, 0, ends, quoted=False, multiline=False)
    before = np.concatenate(([-1], ends[:-1]))
    length = ends - before - 1
    blank = (length == 0) | ((length == 1) & (data[np.maximum(ends - 1, 0)] == _RETURN))
    starts = np.searchsorted(breaks, before, side="right")
    end = int(ends[-1]) + 1
    lines = int(np.searchsorted(breaks, end))
    return _ReadPlan(
        end, lines, starts[~blank].astype(np.int64), quoted=bool(len(quotes)), multiline=lines != len(ends)
    )


def _well_quoted(data: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: int) -> bool:
    """Return whether every quote opens a field, closes one, or is doubled inside one (RFC 4180)."""
    opening = quotes[0::2]
    closing = quotes[1::2]
    before = data[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | _is_any_of(before, delimiter, _LINE, _QUOTE)
    after = data[np.minimum(closing + 1, len(data) - 1)]
    closes = (closing == len(data) - 1) | _is_any_of(after, delimiter, _LINE, _RETURN, _QUOTE)
    return bool(opens.all() and closes.all())


def _is_any_of(data: NDArray[np.uint8], *codes: int) -> NDArray[np.bool_]:
    """Return which bytes are among a few codes; much faster than `numpy.isin`."""
    mask = np.zeros(256, dtype=bool)
    mask[list(codes)] = True
    return mask[data]


def _parse_block(
    block: bytes, plan: _ReadPlan, columns: tuple[str, ...], delimiter: str, rejects: Rejects, line: int
) -> RawBatch | None:
    """Parse a well-formed block and reject rows of another width; None if pyarrow finds other faults."""
    if not len(plan.starts):
        return RawBatch(_empty(columns), plan.starts)
    bad: list[arrow_csv.InvalidRow] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    try:
        block.decode()
        rows = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(column_names=list(columns), block_size=len(block), use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if plan.quoted else False,
                newlines_in_values=plan.multiline,
                invalid_row_handler=skip,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    if rows.num_rows + len(bad) != len(plan.starts):
        return None
    positions = np.array([row.number - 1 for row in bad], dtype=np.int64)
    for position, row in zip(positions, bad, strict=True):
        rejects.add(int(plan.starts[position]) + line, _width_fault(row.actual_columns, columns), row.text)
    return RawBatch(rows, np.delete(plan.starts, positions) + line, len(bad))


def _width_fault(fields: int, columns: tuple[str, ...]) -> str:
    return f"wrong number of fields: {fields} instead of {len(columns)}"


def _parse_records(
    source: _Source, columns: tuple[str, ...], delimiter: str, rejects: Rejects, line: int
) -> tuple[RawBatch, int]:
    """Parse at least the buffered bytes record by record, and reject faulty rows."""
    rows: list[list[str]] = []
    lines: list[int] = []
    faults = 0
    for record in read_records(source, delimiter, line, until=len(source.rest)):
        line = record.next_line
        if record.fields is not None and not record.fields:
            continue
        fault = record.fault
        if record.fields is not None and len(record.fields) != len(columns):
            fault = _width_fault(len(record.fields), columns)
        if record.fields is None or fault:
            faults += 1
            rejects.add(record.line, fault, record.text)
            continue
        rows.append(record.fields)
        lines.append(record.line)
    table = _empty(columns)
    if rows:
        table = pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=list(columns))
    return RawBatch(table, np.array(lines, dtype=np.int64), faults), line


def _empty(columns: tuple[str, ...]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in columns})
