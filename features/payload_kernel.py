"""Compiled scanner of the collector's payloads: numbers and flags of many texts in one pass over their bytes.

It reads what the collector writes: ASCII, no escapes, numbers of at most 15 digits without exponent, and objects that
hold no further objects. It says so where a text is different, also where it is no JSON; `features.collector_payload`
reads these with a parser of JSON.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Flags, Indices, Matrix
from leadworth.compiled import compiled

NAMES = (
    *("v", "keys", "chars", "bs", "paste", "fill", "tabs", "fields", "nofocus", "dwell", "ik_med", "ik_cv"),
    *("hold_med", "hold_cv", "mv", "path", "straight", "turn", "cx", "cy", "gap", "kind", "ms", "first_ms", "scroll"),
    *("vis", "touch", "untrusted", "auto", "gl_soft", "hp", "hp_focus", "hp_fill", "lie_gl", "lie_brand", "lie_tz"),
    *("lie_ua", "lie_screen", "ga", "fbp", "tz"),
)
"""Names that are read. At most ten characters, so that a name is two integers."""
ABSENT, INTEGER, FLOAT, BOOLEAN, TEXT = range(5)
"""Kinds of values; what is neither number, flag nor text is absent."""
Kinds = NDArray[np.uint8]

LONGEST = 16_384
"""Longer texts are not read."""
LONGEST_PACKED = 6
"""Characters above which the value of a text is not read, only that there is one."""

_SLOTS = 128
_PRIME = 0x2545F4914F6CDD1D
_TZ = NAMES.index("tz")
_UNKNOWN = -1
_LONGEST_NAME = 10
_MOST_DIGITS = 15
_POWERS = 10.0 ** np.arange(_MOST_DIGITS + 1)
_QUOTE, _COLON, _COMMA, _OPEN, _CLOSE, _MINUS, _POINT, _ZERO, _NINE, _BACKSLASH = b'":,{}-.09\\'


def pack(text: str) -> tuple[int, int]:
    """Return a text of at most ten ASCII characters as two integers, of eight and two bytes.

    Examples
    --------
    >>> pack("v"), pack("lie_screen")[1] > 0
    ((118, 0), True)
    """
    raw = text.encode("ascii")
    return int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:], "little")


def _table() -> tuple[Indices, Indices, Indices]:
    """Return a hash table: position in `NAMES` or -1, and the two integers of the name in each slot."""
    positions = np.full(_SLOTS, _UNKNOWN, dtype=np.int64)
    first, second = np.zeros(_SLOTS, dtype=np.int64), np.zeros(_SLOTS, dtype=np.int64)
    for position, name in enumerate(NAMES):
        low, high = pack(name)
        slot = (((low ^ (high << 24)) * _PRIME) % 2**64) >> 57
        while positions[slot] != _UNKNOWN:
            slot = (slot + 1) % _SLOTS
        positions[slot], first[slot], second[slot] = position, low, high
    return positions, first, second


_POSITIONS, _FIRST, _SECOND = _table()


@compiled
def _position(low: int, high: int) -> int:
    """Return the position of a packed name in `NAMES`, or -1."""
    slot = ((low ^ (high << 24)) * np.int64(_PRIME)) >> 57 & (_SLOTS - 1)
    while _POSITIONS[slot] >= 0:
        if _FIRST[slot] == low and _SECOND[slot] == high:
            return int(_POSITIONS[slot])
        slot = (slot + 1) & (_SLOTS - 1)
    return _UNKNOWN


@compiled
def _after_blanks(data: NDArray[np.uint8], at: int, end: int) -> int:
    while at < end and (data[at] == 32 or 9 <= data[at] <= 10 or data[at] == 13):
        at += 1
    return at


@compiled
def _text(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int, int]:
    """Return the position after a text that begins at `at`, or -1, and its characters as `pack` does."""
    low = high = 0
    begin = at
    while at < end and data[at] != _QUOTE:
        byte = int(data[at])
        if byte < 32 or byte > 126 or byte == _BACKSLASH:
            return -1, 0, 0
        place = at - begin
        if place < 8:
            low |= byte << (8 * place)
        elif place < _LONGEST_NAME:
            high |= byte << (8 * (place - 8))
        at += 1
    return (at + 1 if at < end else -1), low, high


@compiled
def _number(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, float, int]:
    """Return the position after a number, or -1; its value; and its kind."""
    negative = data[at] == _MINUS
    at += int(negative)
    begin = at
    digits = 0
    point = -1
    while at < end and (_ZERO <= data[at] <= _NINE or (data[at] == _POINT and point < 0)):
        if data[at] == _POINT:
            point = at
        else:
            digits = digits * 10 + (data[at] - _ZERO)
        at += 1
        if at - begin > _MOST_DIGITS:
            return -1, 0.0, 0
    whole = (at if point < 0 else point) - begin
    decimals = 0 if point < 0 else at - point - 1
    leading_zero = whole > 1 and data[begin] == _ZERO
    if whole == 0 or leading_zero or (point >= 0 and decimals == 0) or (negative and digits == 0):
        return -1, 0.0, 0
    value = digits / _POWERS[decimals]
    return at, (-value if negative else value), (INTEGER if point < 0 else FLOAT)


@compiled
def _word(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, float, int]:
    """Return the position after true, false or null, or -1; its value; and its kind."""
    if end - at < 5:
        return -1, 0.0, 0
    if data[at] == 116 and data[at + 1] == 114 and data[at + 2] == 117 and data[at + 3] == 101:
        return at + 4, 1.0, BOOLEAN
    if data[at] == 110 and data[at + 1] == 117 and data[at + 2] == 108 and data[at + 3] == 108:
        return at + 4, 0.0, ABSENT
    is_false = data[at] == 102 and data[at + 1] == 97 and data[at + 2] == 108 and data[at + 3] == 115
    return (at + 5, 0.0, BOOLEAN) if is_false and data[at + 4] == 101 else (-1, 0.0, 0)


@compiled
def _name(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, int]:
    """Return the position of the value after a name that begins at `at`, or -1; and its position in `NAMES`, or -1."""
    if at >= end or data[at] != _QUOTE:
        return -1, _UNKNOWN
    begin = at + 1
    at, low, high = _text(data, begin, end)
    if at < 0:
        return -1, _UNKNOWN
    position = _position(low, high) if at - begin - 1 <= _LONGEST_NAME else _UNKNOWN
    at = _after_blanks(data, at, end)
    if at >= end or data[at] != _COLON:
        return -1, _UNKNOWN
    at = _after_blanks(data, at + 1, end)
    return (at if at < end else -1), position


@compiled
def _value(data: NDArray[np.uint8], at: int, end: int) -> tuple[int, float, int]:
    """Return the position after a value that is no object, or -1; its value; and its kind."""
    if data[at] == _QUOTE:
        after, low, _ = _text(data, at + 1, end)
        short = after - at - 2 <= LONGEST_PACKED
        return after, (float(low) if short else -1.0), TEXT
    if data[at] == _MINUS or _ZERO <= data[at] <= _NINE:
        return _number(data, at, end)
    return _word(data, at, end)


@compiled
def _next(data: NDArray[np.uint8], at: int, end: int, depth: int) -> tuple[int, int]:
    """Return the position of the next name, or after the last object, or -1; and the depth there."""
    at = _after_blanks(data, at, end)
    while depth > 0 and at < end and data[at] == _CLOSE:
        depth -= 1
        at = _after_blanks(data, at + 1, end)
    if depth == 0:
        return at, 0
    if at >= end or data[at] != _COMMA:
        return -1, depth
    return _after_blanks(data, at + 1, end), depth


@compiled
def _scan(
    data: NDArray[np.uint8], at: int, end: int, values: NDArray[np.float64], kinds: Kinds, zone: Indices
) -> tuple[bool, bool]:
    """Scan one text; return whether it is as the collector writes, and whether it holds objects."""
    at = _after_blanks(data, at, end)
    if at == end or data[at] != _OPEN:
        return False, False
    at = _after_blanks(data, at + 1, end)
    if at < end and data[at] == _CLOSE:
        return _after_blanks(data, at + 1, end) == end, False
    depth = 1
    nested = False
    while depth > 0:
        at, name = _name(data, at, end)
        if at >= 0 and data[at] == _OPEN and depth == 1 and name == _UNKNOWN:
            depth, nested = 2, True
            at = _after_blanks(data, at + 1, end)
            continue
        if at >= 0:
            begin = at
            at, value, kind = _value(data, at, end)
            if at >= 0 and depth == 1 and name != _UNKNOWN:
                values[name], kinds[name] = value, kind
                if name == _TZ:
                    zone[0], zone[1] = begin + 1, at - 1
        if at >= 0:
            at, depth = _next(data, at, end, depth)
        if at < 0:
            return False, nested
    return at == end, nested


@compiled
def scan_payloads(
    data: NDArray[np.uint8], ends: Indices, values: Matrix, kinds: Kinds, zones: Indices, nested: Flags, plain: Flags
) -> None:
    """Scan n texts, which stand one after the other.

    Parameters
    ----------
    data
        Bytes of all texts.
    ends
        End of each text, shape (n,).
    values, kinds
        Receive the value and kind of each name, shape (n, names), zero before: of a flag 0 or 1; of a text of up to six
        characters its bytes as one integer, of a longer one -1.
    zones
        Receives begin and end of the time zone, shape (n, 2).
    nested
        Receives whether a text holds objects, shape (n,).
    plain
        Receives whether the text is as the collector writes; else nothing of it is to be used, shape (n,).
    """
    for row in range(len(ends)):
        begin = ends[row - 1] if row > 0 else 0
        if begin < ends[row] <= begin + LONGEST:
            plain[row], nested[row] = _scan(data, begin, ends[row], values[row], kinds[row], zones[row])
            zones[row, 0] -= begin
            zones[row, 1] -= begin
