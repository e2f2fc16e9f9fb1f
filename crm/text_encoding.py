"""Bytes of a text file as UTF-8, whatever they were written in.

A byte that its encoding does not know becomes an invalid UTF-8 sequence, so that the reader finds it
in its row and sets that row aside.
"""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from leadworth.errors import ConfigurationError

BLOCK_BYTES = 4 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FAULT = "leadworth.fault"
_EVIDENCE_BYTES = 256 << 10
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


def _fault(error: UnicodeError) -> tuple[str, int]:
    return "\udcff", cast(UnicodeDecodeError, error).end


codecs.register_error(_FAULT, _fault)


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unpacked where it is gzip (told by its first bytes, not by its name)."""
    file = path.open("rb")
    if file.read(2) == b"\x1f\x8b":
        file.close()
        return cast(BinaryIO, gzip.open(path, "rb"))
    file.seek(0)
    return file


def sniff_encoding(path: Path) -> str:
    """Return the encoding of a text file, from its mark or from the first bytes that are not ASCII.

    UTF-8 with a few broken bytes stays UTF-8. Anything else is read as Korean, Cyrillic or Western
    European, by what the bytes spell.

    Returns
    -------
    str
        "utf-8", "utf-8-sig", "utf-16", "cp949", "cp1251" or "cp1252".
    """
    with open_bytes(path) as file:
        block = file.read(BLOCK_BYTES)
        for mark, name in _MARKS:
            if block.startswith(mark):
                return name
        while block and block.isascii():
            block = file.read(BLOCK_BYTES)
    first = _HIGH_RUN.search(block)
    return guess_encoding(block[first.start() : first.start() + _EVIDENCE_BYTES] if first else b"")


def guess_encoding(sample: bytes) -> str:
    r"""Return the likeliest encoding of bytes without a mark.

    Examples
    --------
    >>> guess_encoding("Müller, Köln, Straße".encode("cp1252")), guess_encoding("Иванов Пётр".encode("cp1251"))
    ('cp1252', 'cp1251')
    >>> guess_encoding("Müller".encode() + b" \xff"), guess_encoding("김민준 서울".encode("cp949"))
    ('utf-8', 'cp949')
    """
    runs = _HIGH_RUN.findall(sample)
    if not runs:
        return "utf-8"
    sound = sum(_decodes(run, "utf-8") for run in runs)
    if 2 * sound >= len(runs):
        return "utf-8"
    long_runs = [run for run in runs if len(run) > 1]
    if sum(map(len, long_runs)) < 0.7 * sum(map(len, runs)):
        return "cp1252"
    hangul = sum(_decodes(run, "cp949") and _hangul(run.decode("cp949")) for run in long_runs)
    return "cp949" if hangul > 0.8 * len(long_runs) else "cp1251"


def _decodes(run: bytes, encoding: str) -> bool:
    try:
        run.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _hangul(text: str) -> bool:
    return all("\uac00" <= letter <= "\ud7a3" for letter in text)


def utf8_blocks(path: Path, encoding: str, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield the file as UTF-8 bytes without a mark, in blocks of about `block_bytes`.

    Raises
    ------
    ConfigurationError
        Where Python knows no such encoding.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise ConfigurationError(
            f"encoding {encoding!r} does not exist", allowed="such as utf-8, cp1252, utf-16", do="correct `encoding`"
        ) from error
    with open_bytes(path) as file:
        blocks = iter(lambda: file.read(block_bytes), b"")
        if name in {"utf-8", "utf-8-sig", "ascii"}:
            first = next(blocks, b"")
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from blocks
            return
        decoder = codecs.getincrementaldecoder(name)(_FAULT)
        for block in blocks:
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
