"""Payloads of the collector as arrays: the numbers, flags and time zones of many texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from pydantic_core import from_json

from features.feature_group import NAN
from features.payload_kernel import (
    ABSENT,
    BOOLEAN,
    FLOAT,
    INTEGER,
    LONGEST,
    LONGEST_PACKED,
    NAMES,
    TEXT,
    Kinds,
    pack,
    scan_payloads,
)
from leadworth.arrays import Flags, Indices, Matrix, Vector

_LARGEST = 1e300
_KINDS = {int: INTEGER, float: FLOAT, bool: BOOLEAN, str: TEXT}
_TZ = NAMES.index("tz")
_COLUMNS = {name: column for column, name in enumerate(NAMES)}
_NUMBERS = frozenset({int, float})
"""Types of JSON values that are numbers."""


# Parsing takes 4 us and five callers read the payload of a lead. At most 64 texts of 20,000 characters.
@lru_cache(maxsize=64)
def parse(lw_data: str | None) -> Mapping[str, Any] | None:
    """Return the payload of the collector, or None where it is missing or unreadable.

    Examples
    --------
    >>> parse('{"v": 1, "keys": 12}')["keys"], parse("{"), parse("[1]"), parse(None)
    (12, None, None, None)
    """
    if lw_data is None or len(lw_data) > LONGEST:
        return None
    try:
        content = from_json(lw_data)
    except (ValueError, TypeError):  # TypeError: lone surrogate
        return None
    return content if isinstance(content, dict) else None


def number(payload: Mapping[str, Any], name: str, maximum: float = 1e9) -> float:
    """Return a number of the payload from 0 to `maximum`; nan where it is missing, not a number or out of range.

    Examples
    --------
    >>> number({"keys": 3}, "keys"), number({"keys": -1}, "keys"), number({"keys": "3"}, "keys")
    (3.0, nan, nan)
    """
    value: Any = payload.get(name)
    if type(value) not in _NUMBERS:
        return NAN
    return float(value) if 0 <= value <= maximum else NAN


class Payloads(NamedTuple):
    """Payloads of n leads.

    Attributes
    ----------
    texts
        The payloads as written.
    values, kinds
        Value and kind of each of `features.payload_kernel.NAMES`, shape (n, names).
    readable
        Whether there is a payload that can be read, shape (n,).
    nested
        Whether it may hold touches, shape (n,).
    spans
        Begin and end of the time zone in each text, shape (n, 2).
    others
        Parsed payloads of the rows that are not as the collector writes; None where they cannot be read.
    """

    texts: Sequence[str | None]
    values: Matrix
    kinds: Kinds
    readable: Flags
    nested: Flags
    spans: Indices
    others: Mapping[int, Mapping[str, Any] | None]

    def numbers(self, name: str, maximum: float = 1e9) -> Vector:
        """Return a number of each payload from 0 to `maximum`; nan where it is missing or out of range."""
        column = _COLUMNS[name]
        values, kinds = self.values[:, column], self.kinds[:, column]
        valid = ((kinds == INTEGER) | (kinds == FLOAT)) & (values >= 0) & (values <= maximum)
        return np.where(valid, values, np.nan)

    def zones(self) -> list[str | None]:
        """Return the time zone of each payload as written; None where there is none."""
        zones: list[str | None] = []
        has = (self.kinds[:, _TZ] == TEXT).tolist()
        for row, (text, (begin, end)) in enumerate(zip(self.texts, self.spans.tolist(), strict=True)):
            if row in self.others:
                zone = (self.others[row] or {}).get("tz")
                zones.append(zone if isinstance(zone, str) else None)
            else:
                zones.append(text[begin:end] if text is not None and has[row] else None)
        return zones


# Five callers read the payloads of a batch. Those of one batch.
@lru_cache(maxsize=1)
def read_payloads(texts: tuple[str | None, ...]) -> Payloads:
    """Read the payloads of many leads; the same as `parse` of each.

    Examples
    --------
    >>> payloads = read_payloads(('{"v":1,"keys":12,"tz":"Europe/Rome"}', None, "{"))
    >>> payloads.numbers("keys").tolist(), payloads.zones(), payloads.readable.tolist()
    ([12.0, nan, nan], ['Europe/Rome', None, None], [True, False, False])
    """
    raw = [b"" if text is None else text.encode("utf-8", "surrogatepass") for text in texts]
    rows = len(raw)
    ends = np.array([*accumulate(map(len, raw))], dtype=np.int64)
    values, kinds = np.zeros((rows, len(NAMES))), np.zeros((rows, len(NAMES)), dtype=np.uint8)
    spans, nested, plain = np.zeros((rows, 2), np.int64), np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)
    scan_payloads(np.frombuffer(b"".join(raw), dtype=np.uint8), ends, values, kinds, spans, nested, plain)
    others: dict[int, Mapping[str, Any] | None] = {}
    for row, (text, scanned) in enumerate(zip(texts, plain.tolist(), strict=True)):
        if text is None or scanned:
            continue
        payload = parse(text)
        others[row] = payload
        plain[row] = nested[row] = payload is not None
        values[row], kinds[row] = 0.0, ABSENT
        if payload is not None:
            for column, name in enumerate(NAMES):
                kinds[row, column], values[row, column] = _scanned(payload.get(name))
    return Payloads(texts, values, kinds, plain, nested, spans, others)


def _scanned(value: Any) -> tuple[int, float]:
    """Return kind and value as the scanner does; an object that is not empty is -1."""
    kind = _KINDS.get(type(value), ABSENT)
    if kind in (ABSENT, TEXT):
        short = kind == TEXT and len(value) <= LONGEST_PACKED and value.isascii()
        return kind, (float(pack(value)[0]) if short else 0.0) or float(-bool(value))
    return kind, float(min(max(value, -_LARGEST), _LARGEST)) if value == value else np.nan  # noqa: PLR0124 - nan
