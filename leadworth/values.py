"""Lenient readers of text, numbers, flags and times: a clean value, or None; they never raise.

The same functions read one form and a file of a million rows, so both read a value the same way.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, tzinfo
from typing import Any

LONGEST_EXTRA = 10_000
"""Limit of text in a column that is not a standard field; it may be a message."""

_TRUE = frozenset({"1", "1.0", "true", "yes", "y", "t", "si", "sì", "ja", "oui", "sí", "да", "예", "won", "x"})
_FALSE = frozenset({"0", "0.0", "false", "no", "n", "f", "nein", "non", "нет", "아니오", "lost", "-"})
_NUMBER = re.compile(r"[-+]?\d[\d.,'\u00a0\u202f ]*(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:([.,'\u00a0\u202f ])\d{3})+$")


def text(value: Any, limit: int | None = None) -> str | None:
    """Return the trimmed text of a scalar without NUL characters, or None where it is empty.

    Parameters
    ----------
    value
        Of any type.
    limit
        Number of characters; None for no limit.

    Examples
    --------
    >>> text("  Ada "), text(12), text(float("nan")), text("  "), text("Ada Lovelace", limit=4)
    ('Ada', '12', None, None, 'Ada')
    """
    if isinstance(value, str):
        return _trimmed(value, limit)
    if value is None:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if value.is_integer():
            value = int(value)
    written = str(value)
    return None if written in {"<NA>", "NaT", "nan"} else _trimmed(written, limit)


def _trimmed(written: str, limit: int | None) -> str | None:
    trimmed = written.replace("\x00", "").strip()
    if limit is not None and len(trimmed) > limit:
        trimmed = trimmed[:limit].rstrip()
    return trimmed or None


def bounded(value: Any) -> Any:
    """Return a value of a column that is not a standard field: text and nested values are cut, others unchanged.

    Examples
    --------
    >>> bounded(3), len(bounded("x" * 100_000))
    (3, 10000)
    """
    return text(value, LONGEST_EXTRA) if isinstance(value, (str, list, dict)) else value


def number(value: Any) -> float | None:
    """Return the finite number in a value, or None.

    Grouped thousands, decimal commas, currency and per cent signs are understood; of a range such as "50-100" the
    lower end is returned. A single separator followed by exactly three digits is a thousands separator if it is a
    comma, a decimal mark if it is a point.

    Examples
    --------
    >>> number("1.234,50 €"), number("1,234.5"), number("1,5"), number("50-100"), number("many")
    (1234.5, 1234.5, 1.5, 50.0, None)
    """
    if isinstance(value, (int, float)):
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:  # an integer beyond the largest float
            return None
    written = text(value)
    if written is None:
        return None
    try:
        result = float(written)
    except ValueError:
        match = _NUMBER.search(written)
        if match is None:
            return None
        try:
            result = float(_plain(match.group().strip()))
        except ValueError:
            return None
    return result if math.isfinite(result) else None


def _plain(written: str) -> str:
    """Return a localised number in the notation of Python."""
    for gap in ("'", "\u00a0", "\u202f", " "):
        written = written.replace(gap, "")
    comma = written.rfind(",")
    point = written.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "." if comma > point else ","
        return written.replace(thousands, "").replace(",", ".")
    if comma >= 0:
        return written.replace(",", "") if _GROUPED.match(written) else written.replace(",", ".")
    if written.count(".") > 1:
        return written.replace(".", "")
    return written


def flag(value: Any) -> bool | None:
    """Return the boolean in a value, or None.

    Examples
    --------
    >>> flag("Yes"), flag(0), flag("perhaps"), flag(None)
    (True, False, None, None)
    """
    if isinstance(value, bool):
        return value
    written = text(value)
    if written is None:
        return None
    word = written.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    return None


def moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Return the time in a value as an aware UTC datetime, or None.

    Accepts datetimes, ISO 8601 text and seconds or milliseconds since 1970. A naive time is read in
    `zone`. Other notations are determined once per file by `crm`, not per value.

    Examples
    --------
    >>> moment("2026-03-01T10:00:00+01:00").isoformat()
    '2026-03-01T09:00:00+00:00'
    >>> moment("soon") is None
    True
    """
    if isinstance(value, datetime):
        stamp = value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if not 0 < value < 1e14:
            return None
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    else:
        written = text(value)
        if written is None:
            return None
        try:
            stamp = datetime.fromisoformat(written)
        except ValueError:
            return None
    if stamp != stamp:  # noqa: PLR0124 - NaT of pandas is not equal to itself
        return None
    try:
        return (stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
