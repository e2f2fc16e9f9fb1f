"""Read a text file as UTF-8; its encoding is detected from a part of it.

A byte that the encoding does not define becomes an invalid UTF-8 byte, so that the CSV reader rejects
the row that contains it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from crm.decompression import open_bytes
from crm.encoding_detection import EncodingGuess, detect, is_utf8, is_wide
from leadworth.errors import ConfigurationError

BLOCK_BYTES = 4 << 20
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 256 << 10
_HIGH_BYTE = re.compile(rb"[\x80-\xff]|\x1b\$")


def sniff_encoding(path: Path) -> EncodingGuess:
    """Return the encoding of a text file, from its byte order mark or its first bytes that are not ASCII.

    Returns
    -------
    EncodingGuess
        With the name of a Python codec, such as "utf-8", "utf-16", "cp1252" or "gb18030".
    """
    with open_bytes(path) as file:
        block = file.read(BLOCK_BYTES)
        for mark, name in _BYTE_ORDER_MARKS:
            if block.startswith(mark):
                return EncodingGuess(name)
        if is_wide(block[:_SAMPLE_BYTES]):
            return detect(block[:_SAMPLE_BYTES])
        while block and block.isascii() and not (b"\x1b" in block and b"\x1b$" in block):
            block = file.read(BLOCK_BYTES)
    first = _HIGH_BYTE.search(block)
    start = max(block.rfind(b"\n", 0, first.start()), first.start() - _SAMPLE_BYTES) + 1 if first else 0
    return detect(block[max(start, 0) : start + _SAMPLE_BYTES])


def declared_encoding(path: Path, encoding: str) -> EncodingGuess:
    """Return the encoding of the settings; UTF-8 is named as a doubt if the file has letters in it."""
    if encoding.lower().startswith(("utf", "ascii")):
        return EncodingGuess(encoding)
    with open_bytes(path) as file:
        sample = file.read(_SAMPLE_BYTES)
    return EncodingGuess(encoding, "utf-8" if not sample.isascii() and is_utf8(sample) else "")


def utf8_blocks(path: Path, encoding: str, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield a file as UTF-8 bytes without a byte order mark, in blocks of about `block_bytes`.

    Raises
    ------
    ConfigurationError
        If Python has no such encoding.
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
        decoder = codecs.getincrementaldecoder(name)("replace")
        for block in blocks:
            yield _encode(decoder.decode(block))
        yield _encode(decoder.decode(b"", final=True))


def _encode(text: str) -> bytes:
    """Return UTF-8 in which the replacement character of undefined bytes is an invalid byte."""
    return text.encode().replace(b"\xef\xbf\xbd", b"\xff")
