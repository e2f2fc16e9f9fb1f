"""Open delimited files: encoding, layout, the lines above the header, and the header."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm.csv_layout import CsvLayout, normalised_blocks, sniff_layout
from crm.csv_reader import CsvReader
from crm.csv_records import read_records
from crm.decompression import DAMAGED
from crm.encoding_detection import EncodingGuess
from crm.marginal_rows import NOT_A_ROW
from crm.raw_table import RawTable
from crm.rejects import Rejects
from crm.table_header import IsHeader
from crm.text_encoding import BLOCK_BYTES, declared_encoding, sniff_encoding, utf8_blocks
from leadworth.errors import InputError

_SAMPLE_BYTES = 1 << 18
_LARGEST_RECORD = 256 << 20
_TITLE = f"{NOT_A_ROW}: above the header"


@dataclass(frozen=True)
class Dialect:
    """Encoding and layout of a delimited file."""

    guess: EncodingGuess
    layout: CsvLayout

    @property
    def encoding(self) -> str:
        """The encoding."""
        return self.guess.encoding

    @property
    def delimiter(self) -> str:
        """The delimiter."""
        return self.layout.delimiter


def sniff(
    path: Path, delimiter: str | None = None, encoding: str | None = None, is_header: IsHeader | None = None
) -> Dialect:
    """Return the dialect of a file; a delimiter or encoding of the settings is used as is.

    Raises
    ------
    InputError
        If the file cannot be opened or is damaged.
    """
    try:
        guess = declared_encoding(path, encoding) if encoding else sniff_encoding(path)
        first = next(utf8_blocks(path, guess.encoding), b"")[:_SAMPLE_BYTES]
    except DAMAGED as error:
        raise InputError(f"{path} cannot be read: {error}", do="check the path and the file") from error
    text = first.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\x00", b"")
    if len(first) == _SAMPLE_BYTES:
        text = text[: text.rfind(b"\n") + 1] or text
    return Dialect(guess, sniff_layout(text.decode("utf-8", "replace"), delimiter, is_header))


def open_delimited(
    path: Path,
    rejects: Rejects,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    is_header: IsHeader | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> RawTable:
    """Open a delimited file as a table of text columns.

    Parameters
    ----------
    path
        CSV, optionally compressed.
    rejects
        Receives the rows whose fields do not match the columns of the header, titles and footers.
    delimiter, encoding
        None to detect them.
    is_header
        See `crm.table_header.find_header`.
    block_bytes
        Approximate size of the blocks; a record may be longer.

    Raises
    ------
    InputError
        If the file cannot be read, or has no header.
    """
    dialect = sniff(path, delimiter, encoding, is_header)
    source = _Source(path, normalised_blocks(_blocks(path, dialect.encoding, block_bytes), dialect.layout))
    titles = source.skip_titles(dialect.layout)
    header, line = source.header(dialect.layout)
    if not header:
        raise InputError(f"{path} is empty", do="export the file again, with a header line")
    for number, title in titles:
        rejects.add(number, _TITLE, title)
    reader = CsvReader(source, dialect.layout, header, rejects, line)
    warnings: tuple[str, ...] = ()
    if dialect.guess.doubt:
        warnings = (
            f"{path.name}: the encoding is probably {dialect.encoding}, but may be {dialect.guess.doubt}; if letters "
            f'with accents are wrong, set encoding = "{dialect.guess.doubt}"',
        )
    return RawTable(path.name, reader.columns, reader.batches(len(titles)), warnings)


def _blocks(path: Path, encoding: str, block_bytes: int) -> Iterator[bytes]:
    try:
        yield from utf8_blocks(path, encoding, block_bytes)
    except DAMAGED as error:
        raise InputError(f"{path} is damaged: {error}", do="copy or export the file again") from error


class _Source:
    """Buffered input: `rest` has the bytes that are not yet parsed."""

    def __init__(self, path: Path, blocks: Iterator[bytes]) -> None:
        self._path = path
        self._blocks = blocks
        self.rest = b""

    def more(self) -> bool:
        """Append the next block; return whether there was one."""
        for block in self._blocks:
            if len(self.rest) > _LARGEST_RECORD:
                raise InputError(
                    f"{self._path} has a record of more than {_LARGEST_RECORD >> 20} MiB",
                    do="check that it is a table with a line for each row",
                )
            if block:
                self.rest += block
                return True
        return False

    def skip_titles(self, layout: CsvLayout) -> list[tuple[int, str]]:
        """Consume the lines above the header; return those that are not blank, with their numbers."""
        titles: list[tuple[int, str]] = []
        for number in range(1, layout.skipped_lines + 1):
            while b"\n" not in self.rest and self.more():
                pass
            text, _, self.rest = self.rest.partition(b"\n")
            title = text.decode("utf-8", "backslashreplace")
            if title.strip(layout.character + " \t\r") and not (number == 1 and layout.separator_line):
                titles.append((number, title))
        return titles

    def header(self, layout: CsvLayout) -> tuple[list[str], int]:
        """Consume the header; return its fields and the line after it."""
        line = layout.skipped_lines + 1
        while self.rest or self.more():
            records = read_records(self, layout.character, line, 1, padded=layout.padded)
            record = next(records)
            records.close()
            line = record.next_line
            if record.fields is None:
                return record.text.rstrip("\r\n").split(layout.character), line
            if record.fields:
                return record.fields, line
        return [], line
