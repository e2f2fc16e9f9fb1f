"""Detect the encoding of a text file and read it as UTF-8.

A byte that the encoding does not define becomes an invalid UTF-8 byte, so that the CSV reader rejects
the row that contains it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from crm.decompression import open_bytes
from leadworth.errors import ConfigurationError

BLOCK_BYTES = 4 << 20
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LATIN = ("cp1252", "cp1250", "cp1254")
_LEGACY = (
    *_LATIN,
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1255",
    "cp1256",
    "gb18030",
    "cp932",
    "big5",
    "cp949",
    "cp874",
    "cp850",
    "mac_roman",
)
"""Detected encodings; of two that fit equally well, the first is chosen."""
_SAMPLE_BYTES = 256 << 10
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(rb"[\x40-\xff]*[\x80-\xff][\x40-\xff]*")
"""A word with a byte that is not ASCII; the second byte of a two-byte character is 0x40 or above."""
_PUNCTUATION = re.compile(rb"^[\x80\x85\x91-\x97]+|[\x80\x85\x91-\x97]+$|(?<=[A-Za-z])\x92(?=[A-Za-z])")
"""Quotation marks, dashes and the euro sign in cp1252, where words have them."""
_POLISH = re.compile(r"[£¥¯³¹¼¾](?=[^\W\d_])")
_TURKISH = re.compile("[ÐÝÞðýþ]")
_ICELANDIC = re.compile("[áæíóú]")
_RARE = 0.05


def sniff_encoding(path: Path) -> str:
    """Return the encoding of a text file, from its byte order mark or its first bytes that are not ASCII.

    Returns
    -------
    str
        Name of a Python codec, such as "utf-8", "utf-16", "cp1252" or "gb18030".
    """
    with open_bytes(path) as file:
        block = file.read(BLOCK_BYTES)
        for mark, name in _BYTE_ORDER_MARKS:
            if block.startswith(mark):
                return name
        if _is_two_byte(block[:_SAMPLE_BYTES]):
            return detect_encoding(block[:_SAMPLE_BYTES])
        while block and block.isascii():
            block = file.read(BLOCK_BYTES)
    first = _HIGH_RUN.search(block)
    start = max(block.rfind(b"\n", 0, first.start()), first.start() - _SAMPLE_BYTES) + 1 if first else 0
    return detect_encoding(block[max(start, 0) : start + _SAMPLE_BYTES])


def detect_encoding(sample: bytes) -> str:
    r"""Return the most probable encoding of bytes without a byte order mark.

    UTF-8 with a few invalid bytes is UTF-8. charset-normalizer chooses among legacy encodings by their
    script; it does not separate the Latin code pages, which share most letters, so letters that occur in
    one language group only do that.

    Examples
    --------
    >>> detect_encoding("Müller, Köln, Straße".encode("cp1252")), detect_encoding("Иванов Пётр".encode("cp1251"))
    ('cp1252', 'cp1251')
    >>> detect_encoding("Müller".encode() + b" \xff"), detect_encoding("김민준 서울".encode("cp949"))
    ('utf-8', 'cp949')
    """
    from charset_normalizer import from_bytes

    if _is_two_byte(sample):
        wide = from_bytes(sample[: len(sample) // 2 * 2], cp_isolation=["utf_16_le", "utf_16_be"]).best()
        if wide is not None:
            return wide.encoding.replace("_", "-")
    runs = _HIGH_RUN.findall(sample)
    if 2 * sum(_is_utf8(run) for run in runs) >= len(runs):
        return "utf-8"
    distinct = dict.fromkeys(_WORD.findall(sample))
    if all(_PUNCTUATION.sub(b"", word).isascii() for word in distinct):
        return _LATIN[0]
    words = b" ".join(distinct)
    matches = [
        (match.chaos, -match.coherence, _LEGACY.index(encoding))
        for match in from_bytes(words, cp_isolation=list(_LEGACY))
        for encoding in match.could_be_from_charset
        if encoding in _LEGACY
    ]
    best = _LEGACY[min(matches)[-1]] if matches else _LATIN[0]
    return _latin_encoding(words.decode(_LATIN[0], "replace")) if best in _LATIN else best


def _is_two_byte(sample: bytes) -> bool:
    """Return whether NUL bytes are frequent, as in UTF-16."""
    return sample.count(b"\x00") > _RARE * len(sample)


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode()
    except UnicodeDecodeError:
        return False
    return True


def _latin_encoding(text: str) -> str:
    """Return the Latin code page of text that was decoded as cp1252.

    Polish letters of cp1250 appear as signs inside words, Turkish letters of cp1254 as Icelandic ones.
    """
    frequent = _RARE * sum(not letter.isascii() for letter in text)
    turkish = len(_TURKISH.findall(text))
    if len(_POLISH.findall(text)) > frequent:
        return "cp1250"
    return "cp1254" if turkish > max(frequent, len(_ICELANDIC.findall(text))) else "cp1252"


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
