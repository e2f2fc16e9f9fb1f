"""Reader of text: trimmed, composed (NFC), without placeholders."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

from leadworth.readers.placeholders import TEXT_PLACEHOLDERS

LONGEST_EXTRA = 10_000
"""Limit of text in a column that is not a standard field; it may be a message."""

EDGES = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x2010)))
    + "\u2060\ufeff\u00ad"
)
"""Spaces and invisible characters, which are removed at both ends of a text."""
LONGEST_VALUE = 500
"""Characters above which a text is no number, flag, time or answer about consent."""
REPLACEMENT = "\ufffd"
"""Replaces bytes that are not of the encoding in which a text was decoded: what was there is lost."""
MOST_MARKS = 30
"""Combining marks of one character (UAX #15, stream-safe text): putting them in order takes quadratic time."""
_DECOMPOSED = 4
"""Characters that are composed into one, at most."""


def read_text(value: Any, limit: int | None = None) -> str | None:
    """Return the trimmed text of a scalar without NUL characters, or None where it is empty or a placeholder.

    Parameters
    ----------
    value
        Of any type; bytes are UTF-8.
    limit
        Number of characters; None for no limit.

    Examples
    --------
    >>> read_text("  Ada "), read_text(12.0), read_text(float("nan")), read_text("  "), read_text("Ada Lovelace", 4)
    ('Ada', '12', None, None, 'Ada')
    >>> read_text("(not set)"), read_text("#N/A"), read_text("undefined"), read_text(b"Acme")
    (None, None, None, 'Acme')
    """
    trimmed = trimmed_text(value, limit)
    return None if trimmed in TEXT_PLACEHOLDERS else trimmed


def _as_text(value: Any) -> str | None:
    """Return a scalar as text, untrimmed; None where it is missing."""
    if value is None:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if value.is_integer():
            value = int(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def trimmed_text(value: Any, limit: int | None = None) -> str | None:
    """Return the trimmed text of a scalar, also of a placeholder; None where it is empty.

    Examples
    --------
    >>> trimmed_text(" none "), read_text(" none ")
    ('none', None)
    """
    written = value if isinstance(value, str) else _as_text(value)
    if written is None:
        return None
    trimmed = written.replace("\x00", "").strip()
    if not trimmed.isascii():
        trimmed = composed(trimmed.strip(EDGES)[: None if limit is None else _DECOMPOSED * limit])
    if limit is not None and len(trimmed) > limit:
        trimmed = trimmed[:limit].rstrip(EDGES)
    return trimmed or None


def composed(written: str) -> str:
    """Return a text in NFC, in linear time: of a long run of combining marks out of order, the first ones are kept.

    Examples
    --------
    >>> composed("Zoe\u0308"), len(composed("a" + "\u0301\u0327" * 100_000))
    ('Zoë', 30)
    """
    if unicodedata.is_normalized("NFC", written):
        return written
    kept: list[str] = []
    marks = 0
    for char in written:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def read_bounded(value: Any) -> Any:
    """Return a value of a column that is not a standard field: text and nested values are cut, others unchanged.

    Examples
    --------
    >>> read_bounded(3), len(read_bounded("x" * 100_000))
    (3, 10000)
    """
    return read_text(value, LONGEST_EXTRA) if isinstance(value, (str, bytes, list, dict)) else value
