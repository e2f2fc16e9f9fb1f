"""Recognise the format of a file by its first bytes."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Literal

from crm.decompression import DAMAGED, ZIP, archived_files, open_bytes
from leadworth.errors import InputError

FileFormat = Literal["parquet", "spreadsheet", "delimited"]
ALLOWED = "CSV (also .gz, or a .zip with one file), Excel (.xlsx, .xls, .xlsb, .ods), Parquet"
_HEAD_BYTES = 4096
_OLE = b"\xd0\xcf\x11\xe0"
_WORKBOOK_PARTS = ("xl/", "content.xml")
_AS_CSV = "save the table as CSV or .xlsx"
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "export the table as CSV or .xlsx"),
    (b"{\\rtf", "a text document (RTF)", _AS_CSV),
    (b"ORC", "an ORC file", "save it as Parquet or CSV"),
    (b"Obj\x01", "an Avro file", "save it as Parquet or CSV"),
    (b"ARROW1", "an Arrow (Feather) file", "save it as Parquet or CSV"),
    (b"SQLite format 3", "an SQLite database", "set path to its URL, sqlite:///FILE, and `table`"),
    (b"BZh", "compressed with bzip2", "unpack it, or compress it with gzip"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it, or compress it with gzip"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it, or compress it with gzip"),
    (b"Rar!", "a RAR archive", "unpack it, or compress it with gzip"),
)
_MARKUP: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"<\?xml[^>]*>\s*(<\?[^>]*>\s*)*<(\w+:)?Workbook", re.I),
        "an Excel 2003 XML file",
        "save it as .xlsx or CSV",
    ),
    (re.compile(rb"(<!--.*?-->\s*)?<(!doctype html|html|head|body|meta|table|style|div)\b", re.I | re.S), "HTML", ""),
    (re.compile(rb"<\?xml|<[a-z][\w:.-]*\s+xmlns", re.I), "XML", "export it as CSV or .xlsx"),
    (re.compile(rb"\{\s*(\"[^\"]*\"\s*:|\})|\[\s*(\{\s*\"|\[|\])"), "JSON", "export it as CSV, .xlsx or Parquet"),
)
_CONTROL = bytes(set(range(32)) - {0, 9, 10, 12, 13, 26, 27, 28, 29, 30, 31, 1}) + b"\x7f"
"""Control characters that text does not have; NUL is in UTF-16, and some are delimiters or shift codes."""


def file_format(path: Path) -> FileFormat:
    """Return the format of a file, independent of its suffix.

    Raises
    ------
    InputError
        If it is absent, or in a format that is not read.
    """
    if not path.is_file():
        raise InputError(
            f"there is no file {path}", do="correct the path; in leadworth.toml it is relative to that file"
        )
    try:
        with path.open("rb") as file:
            magic = file.read(16)
        if magic[:4] == b"PAR1":
            return "parquet"
        if magic[:4] == _OLE or (magic[:4] in ZIP and _is_workbook(path)):
            return "spreadsheet"
        with open_bytes(path) as file:
            head = file.read(_HEAD_BYTES)
    except DAMAGED as error:
        raise InputError(f"{path} cannot be read: {error}", do="check the path, the rights and the file") from error
    _refuse_other_formats(path, head)
    return "delimited"


def _is_workbook(path: Path) -> bool:
    return any(name.startswith(_WORKBOOK_PARTS) for name in archived_files(path))


def _refuse_other_formats(path: Path, head: bytes) -> None:
    for magic, name, do in _REFUSED:
        if head.startswith(magic):
            raise InputError(f"{path} is {name}", allowed=ALLOWED, do=do)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"\x00" in text[:200]:
        text = text.replace(b"\x00", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
    for pattern, name, do in _MARKUP:
        if pattern.match(text):
            how = do or "open it in a spreadsheet and save it as .xlsx or CSV; some systems name such pages .xls"
            raise InputError(f"{path} is {name}, not a table", allowed=ALLOWED, do=how)
    if head.startswith((*ZIP, b"PAR1", _OLE)) or _is_binary(head):
        raise InputError(f"{path} is not a text file", allowed=ALLOWED, do="export the table again")


def _is_binary(head: bytes) -> bool:
    """Return whether control characters are frequent; letters of UTF-16 have their bytes."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls > 0.05 * len(head)
