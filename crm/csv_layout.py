"""Layout of a delimited file: delimiter, lines above the header, and the way in which quotes are written."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from crm.csv_records import long_fields, unescape
from crm.table_header import IsHeader, filled, find_header
from leadworth.errors import ConfigurationError

DELIMITERS = (",", ";", "\t", "|")
RARE_DELIMITERS = ("^", "~", "\x01", "\x1f", "||", "|~|", "~|~", "¦", "§", ":")
"""Considered where none of the frequent ones makes a table."""
UNIT_SEPARATOR = "\x1f"
_SAMPLE_RECORDS = 100
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=(?P<delimiter>[^"\n]+?)"?[;,\t ]*(\r?\n|$)', re.IGNORECASE)
_NAMED = {"\\t": "\t", "tab": "\t"}


@dataclass(frozen=True)
class CsvLayout:
    r"""Layout of a delimited file.

    Attributes
    ----------
    delimiter
        One character, or several.
    skipped_lines
        Lines above the header.
    separator_line
        The first line is `sep=` and the delimiter, as Excel reads and writes it.
    width
        Number of fields of most rows; more than those of the header if each row ends in delimiters.
    escaped
        A quote in a field is written `\"`, as MySQL does, instead of `""`.
    padded
        There are spaces between delimiters and quotes.
    """

    delimiter: str
    skipped_lines: int = 0
    separator_line: bool = False
    width: int = 0
    escaped: bool = False
    padded: bool = False

    @property
    def character(self) -> str:
        """The delimiter as one ASCII character, which `normalised_blocks` writes."""
        return self.delimiter if len(self.delimiter) == 1 and self.delimiter.isascii() else UNIT_SEPARATOR


def sniff_layout(sample: str, delimiter: str | None = None, is_header: IsHeader | None = None) -> CsvLayout:
    r"""Return the layout under which most records have as many fields as the header, and most fields.

    Parameters
    ----------
    sample
        First part of the text, with the line end LF.
    delimiter
        Of the settings; None to detect it.
    is_header
        See `crm.table_header.find_header`.

    Raises
    ------
    ConfigurationError
        If the delimiter cannot be one.

    Examples
    --------
    >>> sniff_layout('id;amount\n1;"1,5"\n2;2,5\n').delimiter, sniff_layout("id\n1\n").delimiter
    (';', ',')
    >>> sniff_layout("sep=^\nid^name\n1^Ada\n").skipped_lines, sniff_layout('id,n\n1,"A \\"B\\", C"\n').escaped
    (1, True)
    """
    separator = _SEPARATOR_LINE.match(sample)
    body = sample[separator.end() :] if separator else sample
    declared = _named(separator["delimiter"]) if separator else None
    if delimiter is not None:
        layout = _best(body, (_checked(_named(delimiter)),), is_header)
    elif declared is not None and declared in body:
        layout = _best(body, (declared,), is_header)
    else:
        layout = _best(body, DELIMITERS, is_header)
        if _quality(body, layout, is_header)[:2] < (0.8, 2):
            rare = _best(body, RARE_DELIMITERS, is_header)
            layout = rare if _quality(body, rare, is_header)[0] >= 0.9 else layout
        layout = _longer_delimiter(body, layout, is_header)
    if separator:
        return replace(layout, skipped_lines=layout.skipped_lines + 1, separator_line=True)
    return layout


def _longer_delimiter(sample: str, layout: CsvLayout, is_header: IsHeader | None) -> CsvLayout:
    """Return the layout with a delimiter of several characters, of which `layout` has only the first."""
    share, fields = _quality(sample, layout, is_header)
    for delimiter in RARE_DELIMITERS:
        if len(delimiter) > 1 and delimiter[0] == layout.delimiter and delimiter in sample:
            longer = _best(sample, (delimiter,), is_header)
            if _quality(sample, longer, is_header) == (share, (fields + 1) // 2):
                return longer
    return layout


def _named(delimiter: str) -> str:
    return _NAMED.get(delimiter.lower(), delimiter)


def _checked(delimiter: str) -> str:
    if not delimiter or len(delimiter) > 4 or any(sign in delimiter for sign in '"\r\n\\') or delimiter == "\ufffd":
        raise ConfigurationError(
            f"delimiter {delimiter!r} cannot separate fields",
            allowed="one character such as , ; | or \\t, or up to four, but no quote or line end",
            do="correct `delimiter`, or leave it out to detect it",
        )
    return delimiter


def _best(sample: str, delimiters: Iterable[str], is_header: IsHeader | None) -> CsvLayout:
    """Return the layout of the highest quality; of equal ones, the first."""
    candidates = [CsvLayout(delimiter) for delimiter in delimiters if delimiter in sample]
    if '\\"' in sample:
        candidates += [replace(layout, escaped=True) for layout in candidates]
    padded = [
        replace(layout, padded=True)
        for layout in candidates
        if re.search(rf'{re.escape(layout.delimiter)} +"|" +{re.escape(layout.delimiter)}', sample)
    ]
    candidates += padded or [CsvLayout(next(iter(delimiters)))]
    best = max(candidates, key=lambda layout: _quality(sample, layout, is_header))
    records, lines = _records(sample, best)
    if not records:
        return best
    header, width = find_header(records, is_header)
    return replace(best, skipped_lines=lines[header], width=width)


def _quality(sample: str, layout: CsvLayout, is_header: IsHeader | None) -> tuple[float, int]:
    """Return the share of records that fit the header, less a penalty for lines above it, and the number of fields."""
    records, _ = _records(sample, layout)
    if not any(map(filled, records)):
        return 0.0, 0
    header, width = find_header(records, is_header)
    fields = len(records[header])
    if fields < 2:
        return 0.0, 0
    rows = [record for record in records[header + 1 :] if filled(record)]
    fit = sum(fields <= len(record) <= width for record in rows) / len(rows) if rows else 1.0
    titles = sum(bool(filled(record)) for record in records[:header])
    names = sum(any(map(str.isalpha, name)) for name in records[header])
    return round(fit, 1) - 0.1 * (titles > 0) - 0.3 * (2 * names < fields), fields


def _records(sample: str, layout: CsvLayout) -> tuple[list[list[str]], list[int]]:
    """Return the first records, blank ones included, and the number of lines before each."""
    lines = _lines(sample, layout)
    reader = csv.reader(lines, delimiter=layout.character, skipinitialspace=layout.padded)
    records: list[list[str]] = []
    before = [0]
    with long_fields():
        try:
            for record in islice(reader, _SAMPLE_RECORDS):
                records.append(record)
                before.append(reader.line_num)
        except csv.Error:
            return [], []
    return records, before


def _lines(sample: str, layout: CsvLayout) -> Iterator[str]:
    text = unescape(sample.encode("utf-8", "replace")).decode() if layout.escaped else sample
    return io.StringIO(text if layout.character == layout.delimiter else text.replace(layout.delimiter, UNIT_SEPARATOR))


def normalised_blocks(blocks: Iterable[bytes], layout: CsvLayout) -> Iterator[bytes]:
    """Yield blocks without NUL, with the line ends LF or CRLF, doubled quotes, and a delimiter of one character.

    Parameters
    ----------
    blocks
        The file as UTF-8.
    layout
        Of the file.
    """
    delimiter = layout.delimiter.encode() if layout.character != layout.delimiter else b""
    held = b"\r\x00" + codecs.BOM_UTF8 + (b"\\" if layout.escaped else b"") + delimiter
    rest = b""
    for block in blocks:
        text = rest + block if rest else block
        kept = len(text.rstrip(held)) if text[-1:] and text[-1] in held else len(text)
        rest = text[kept:]
        yield _normalised(text[:kept] if rest else text, layout, delimiter)
    yield _normalised(rest, layout, delimiter)


def _normalised(text: bytes, layout: CsvLayout, delimiter: bytes) -> bytes:
    if b"\x00" in text:
        text = text.replace(b"\x00", b"")
    if b"\xef" in text and codecs.BOM_UTF8 in text:
        text = text.replace(codecs.BOM_UTF8, b"")
    if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
        text = re.sub(rb"\r(?!\n)", b"\n", text)
    if layout.escaped:
        text = unescape(text)
    return text.replace(delimiter, UNIT_SEPARATOR.encode()) if delimiter else text
