"""CSV reader: the rows below a header to batches of text columns.

A well-formed block is parsed by pyarrow. A block with a fault (stray quotes, broken encoding) is parsed record
by record by `crm.csv_records`, so that only the faulty rows are rejected, each with its line. An apostrophe that keeps
spreadsheets from running a cell as a formula (`leadworth.csv_cells`) is removed.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from crm.csv_layout import CsvLayout
from crm.csv_records import CsvRecord, CsvSource, long_fields, read_records, repaired_fields
from crm.marginal_rows import FOOTER_ROWS, blank_rows, footer_fault, footer_rows, repeated_headers
from crm.raw_table import RawBatch, unique_names
from crm.rejects import Rejects
from crm.text_encoding import BLOCK_BYTES
from leadworth.csv_cells import restore_column

_QUOTE, _LINE, _RETURN = 34, 10, 13
_LONGEST_RECORD = 4 * BLOCK_BYTES
Rows = Sequence[Sequence[str]]


class CsvReader:
    """Parser of the rows below the header.

    Parameters
    ----------
    source
        Input, from the line after the header.
    layout
        Of the file.
    header
        Fields of the header.
    rejects
        Receives faulty rows, repeated headers and footers.
    line
        Line after the header.
    """

    def __init__(self, source: CsvSource, layout: CsvLayout, header: list[str], rejects: Rejects, line: int) -> None:
        self.columns = unique_names(header)
        self._source = source
        self._delimiter = layout.character
        self._padded = layout.padded
        self._header = [name.strip() for name in header]
        self._surplus = tuple(f"\x00{number}" for number in range(len(header), layout.width))
        self._rejects = rejects
        self._line = line

    def batches(self, faults: int) -> Iterator[RawBatch]:
        """Yield the rows in batches; the first one counts `faults` rejected rows more."""
        held = deque([RawBatch(self._table([]), np.empty(0, dtype=np.int64), faults)])
        for batch in self._parsed():
            held.append(self._without_marginal_rows(batch))
            while sum(len(part.lines) for part in held) - len(held[0].lines) >= FOOTER_ROWS:
                first = held.popleft()
                if len(first.lines) or first.faults:
                    yield first
        rows = pa.concat_tables([part.rows for part in held])
        last = RawBatch(rows, np.concatenate([part.lines for part in held]), sum(part.faults for part in held))
        last = self._without(last, footer_rows(last.rows))
        if len(last.lines) or last.faults:
            yield last

    def _parsed(self) -> Iterator[RawBatch]:
        source = self._source
        last = False
        while not last or source.rest:
            buffered = len(source.rest)
            last = last or not source.more()
            if last and source.rest and not source.rest.endswith(b"\n"):
                source.rest += b"\n"
            plan = None if self._padded else _plan(source.rest, self._delimiter)
            if plan is not None and not plan.end and not last and buffered < _LONGEST_RECORD:
                continue
            batch = self._parse_block(source.rest[: plan.end], plan) if plan and plan.end else None
            if plan is not None and batch is not None:
                source.rest = source.rest[plan.end :]
                self._line += plan.lines
            else:
                batch = self._parse_records()
            rows = pa.table([restore_column(column) for column in batch.rows.columns], batch.rows.column_names)
            yield RawBatch(rows, batch.lines, batch.faults)

    def _without_marginal_rows(self, batch: RawBatch) -> RawBatch:
        """Return the rows without repeated headers, which are rejected, and without blank rows."""
        repeated = repeated_headers(batch.rows, self._header)
        batch = self._without(batch, dict.fromkeys(repeated.tolist(), "not a row of the table: repeated header"))
        blank = blank_rows(batch.rows)
        if not len(blank):
            return batch
        keep = np.ones(len(batch.lines), dtype=bool)
        keep[blank] = False
        return batch.where(keep)

    def _without(self, batch: RawBatch, faults: dict[int, str]) -> RawBatch:
        """Reject the rows at some positions, with their reasons."""
        if not faults:
            return batch
        keep = np.ones(len(batch.lines), dtype=bool)
        for position, fault in sorted(faults.items()):
            keep[position] = False
            cells = [column[position].as_py() for column in batch.rows.columns]
            self._rejects.add(int(batch.lines[position]), fault, cells)
        return RawBatch(batch.rows.filter(pa.array(keep)), batch.lines[keep], batch.faults + len(faults))

    def _parse_block(self, block: bytes, plan: _ReadPlan) -> RawBatch | None:
        """Parse a well-formed block and reject rows of another width; None if pyarrow finds other faults."""
        if not len(plan.starts):
            return RawBatch(self._table([]), plan.starts)
        others: list[arrow_csv.InvalidRow] = []

        def skip(row: arrow_csv.InvalidRow) -> str:
            others.append(row)
            return "skip"

        try:
            block.decode()
            rows = _arrow_table(block, (*self.columns, *self._surplus), self._delimiter, plan, skip)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        if rows.num_rows + len(others) != len(plan.starts):
            return None
        positions = np.array([row.number - 1 for row in others], dtype=np.int64)
        lines = np.delete(plan.starts, positions) + self._line
        batch = self._without_surplus(rows, lines)
        records = [
            CsvRecord(int(plan.starts[position]) + self._line, 0, row.text, self._split(row.text))
            for position, row in zip(positions.tolist(), others, strict=True)
        ]
        return _merged(batch, self._accepted(records)) if records else batch

    def _split(self, text: str) -> list[str]:
        with long_fields():
            return next(csv.reader([text], delimiter=self._delimiter), [])

    def _without_surplus(self, rows: pa.Table, lines: NDArray[np.int64]) -> RawBatch:
        """Return the columns of the header; rows with a value beyond them are rejected."""
        if not self._surplus:
            return RawBatch(rows, lines)
        good = np.ones(len(lines), dtype=bool)
        for name in self._surplus:
            good &= pc.equal(pc.utf8_trim_whitespace(rows.column(name)), "").to_numpy()
        for position in np.flatnonzero(~good).tolist():
            cells = [column[position].as_py() for column in rows.columns]
            self._rejects.add(int(lines[position]), self._width_fault(cells), cells)
        kept = rows.select(list(self.columns)).filter(pa.array(good))
        return RawBatch(kept, lines[good], int((~good).sum()))

    def _parse_records(self) -> RawBatch:
        """Parse at least the buffered bytes record by record, and reject faulty rows."""
        records: list[CsvRecord] = []
        until = len(self._source.rest)
        for record in read_records(self._source, self._delimiter, self._line, until, padded=self._padded):
            self._line = record.next_line
            records.append(record)
        return self._accepted(records)

    def _accepted(self, records: Sequence[CsvRecord]) -> RawBatch:
        """Return the records that fit the header, repaired if necessary; the others are rejected."""
        rows: list[Sequence[str]] = []
        lines: list[int] = []
        faults = 0
        for record in records:
            if record.fields is not None and not record.fields:
                continue
            fields = self._fitting(record)
            if fields is not None:
                rows.append(fields)
                lines.append(record.line)
                continue
            faults += 1
            fault = record.fault if record.fields is None else self._width_fault(record.fields)
            self._rejects.add(record.line, fault, record.text)
        return RawBatch(self._table(rows), np.array(lines, dtype=np.int64), faults)

    def _fitting(self, record: CsvRecord) -> Sequence[str] | None:
        """Return the fields of a record without empty ones beyond the header, or None if they do not fit it."""
        width = len(self.columns)
        ways = [record.fields] if record.fields is not None else []
        if record.repairable:
            ways += list(repaired_fields(record.text, self._delimiter))
        for fields in ways:
            if len(fields) >= width and not any(map(str.strip, fields[width:])):
                return fields[:width]
        return None

    def _width_fault(self, fields: Sequence[str]) -> str:
        return footer_fault(fields) or f"wrong number of fields: {len(fields)} instead of {len(self.columns)}"

    def _table(self, rows: Rows) -> pa.Table:
        """Return rows as a table of text."""
        if not rows:
            return pa.table({name: pa.array([], pa.string()) for name in self.columns})
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        return pa.table(columns, names=list(self.columns))


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


def _arrow_table(
    block: bytes,
    columns: Sequence[str],
    delimiter: str,
    plan: _ReadPlan,
    handler: Callable[[arrow_csv.InvalidRow], str],
) -> pa.Table:
    """Parse a block by pyarrow; rows of another width go to the handler."""
    return arrow_csv.read_csv(
        pa.BufferReader(block),
        read_options=arrow_csv.ReadOptions(column_names=list(columns), block_size=len(block), use_threads=False),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if plan.quoted else False,
            newlines_in_values=plan.multiline,
            invalid_row_handler=handler,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )


def _merged(batch: RawBatch, other: RawBatch) -> RawBatch:
    """Return the rows of two batches in the order of their lines."""
    lines = np.concatenate([batch.lines, other.lines])
    order = np.argsort(lines, kind="stable")
    rows = pa.concat_tables([batch.rows, other.rows]).take(pa.array(order))
    return RawBatch(rows, lines[order], batch.faults + other.faults)
