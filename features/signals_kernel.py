"""Compiled definition of the behavioural signals: from the numbers of a payload to features."""

from __future__ import annotations

import math

from features.payload_kernel import BOOLEAN, FLOAT, INTEGER, NAMES, TEXT, Kinds, pack
from leadworth.arrays import Flags, Matrix, Vector
from leadworth.compiled import compiled

VERSION = 1.0
MIN_KEYS = 5
"""Keystrokes below which typing rhythm is missing."""
LARGEST = 1e9

_NAN = math.nan
_CLICK, _ENTER, _SCRIPT = (float(pack(word)[0]) for word in ("click", "enter", "script"))
_AT = {name: position for position, name in enumerate(NAMES)}
_VERSION, _KEYS, _CHARS, _BS = (_AT[name] for name in ("v", "keys", "chars", "bs"))
_PASTE, _FILL, _TABS, _FIELDS = (_AT[name] for name in ("paste", "fill", "tabs", "fields"))
_NOFOCUS, _DWELL, _IK_MED, _IK_CV = (_AT[name] for name in ("nofocus", "dwell", "ik_med", "ik_cv"))
_HOLD_MED, _HOLD_CV, _MV, _PATH = (_AT[name] for name in ("hold_med", "hold_cv", "mv", "path"))
_STRAIGHT, _TURN, _CX, _CY, _GAP = (_AT[name] for name in ("straight", "turn", "cx", "cy", "gap"))
_KIND, _MS, _FIRST_MS, _SCROLL = (_AT[name] for name in ("kind", "ms", "first_ms", "scroll"))
_VIS, _TOUCH, _UNTRUSTED, _AUTO = (_AT[name] for name in ("vis", "touch", "untrusted", "auto"))
_GL_SOFT, _HP, _HP_FOCUS, _HP_FILL = (_AT[name] for name in ("gl_soft", "hp", "hp_focus", "hp_fill"))
_LIES = _AT["lie_gl"]
"""First of five contradictions in a row: graphics, brand, time zone, user agent, screen."""
_COUNT_LIES = 5


@compiled
def _number(values: Vector, kinds: Kinds, name: int, maximum: float) -> float:
    """Return a number from 0 to `maximum`; nan where it is missing or out of range."""
    is_number = kinds[name] == INTEGER or kinds[name] == FLOAT
    return values[name] if is_number and 0 <= values[name] <= maximum else _NAN


@compiled
def _flag(values: Vector, kinds: Kinds, name: int) -> float:
    """Return a flag, or an integer of 0 or 1; nan where it is missing."""
    is_flag = kinds[name] == INTEGER or kinds[name] == BOOLEAN
    return values[name] if is_flag and 0 <= values[name] <= 1 else _NAN


@compiled
def _truth(holds: bool) -> float:
    return 1.0 if holds else 0.0


@compiled
def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else _NAN


@compiled
def _typing(values: Vector, kinds: Kinds, touch: float, cells: Vector) -> None:
    """Write the signals of the keyboard."""
    keys = _number(values, kinds, _KEYS, LARGEST)
    # Some password managers fill in by script, with key events of their own for each field.
    by_hand = touch == 0 and not 0 < keys <= _number(values, kinds, _UNTRUSTED, LARGEST)
    rhythm = by_hand and keys >= MIN_KEYS
    if by_hand:
        cells[0] = _ratio(keys, _number(values, kinds, _CHARS, LARGEST))
    if rhythm:
        cells[1] = math.log1p(_number(values, kinds, _IK_MED, LARGEST))
        cells[2] = _number(values, kinds, _IK_CV, 100.0)
        cells[3] = math.log1p(_number(values, kinds, _HOLD_MED, LARGEST))
        cells[4] = _number(values, kinds, _HOLD_CV, 100.0)
    cells[5] = _ratio(_number(values, kinds, _BS, LARGEST), keys)
    cells[6] = _number(values, kinds, _PASTE, LARGEST)
    cells[7] = _number(values, kinds, _FILL, LARGEST)
    cells[8] = _number(values, kinds, _TABS, LARGEST)
    cells[9] = _ratio(_number(values, kinds, _NOFOCUS, LARGEST), _number(values, kinds, _FIELDS, LARGEST))
    cells[10] = math.log1p(_number(values, kinds, _DWELL, LARGEST))


@compiled
def _pointer(values: Vector, kinds: Kinds, touch: float, cells: Vector) -> None:
    """Write pointer signals; nan on touch devices and for a form sent by the Enter key."""
    kind = values[_KIND] if kinds[_KIND] == TEXT else 0.0
    known = kind in (_CLICK, _ENTER, _SCRIPT)
    if known:
        cells[7] = _truth(kind == _SCRIPT)
        cells[8] = _truth(kind == _ENTER)
    if touch != 0 or kind == _ENTER:
        return
    moves = _number(values, kinds, _MV, LARGEST)
    off_x = abs(_number(values, kinds, _CX, 1.0) - 0.5)
    off_y = abs(_number(values, kinds, _CY, 1.0) - 0.5)
    offset = off_y if off_y > off_x else off_x
    cells[0] = math.log1p(moves)
    cells[1] = math.log1p(_number(values, kinds, _PATH, LARGEST))
    if moves > 1:
        cells[2] = _number(values, kinds, _STRAIGHT, 1.0)
        cells[3] = _number(values, kinds, _TURN, 1.0)
    cells[4] = offset
    if not math.isnan(offset):
        cells[5] = _truth(offset < 0.02 and moves <= 2)
    cells[6] = math.log1p(_number(values, kinds, _GAP, LARGEST))


@compiled
def _page(values: Vector, kinds: Kinds, seconds: float, touch: float, cells: Vector) -> None:
    """Write times and depth of the visit."""
    cells[0] = math.log1p(_number(values, kinds, _FIRST_MS, LARGEST))
    cells[1] = math.log1p(abs(seconds - _number(values, kinds, _MS, LARGEST) / 1000.0))
    cells[2] = _number(values, kinds, _SCROLL, 100.0)
    cells[3] = _number(values, kinds, _VIS, LARGEST)
    cells[4] = touch


@compiled
def _software(values: Vector, kinds: Kinds, cells: Vector) -> None:
    """Write the signs of software."""
    filled = _flag(values, kinds, _HP)
    by_person = _flag(values, kinds, _HP_FOCUS) == 1 or _flag(values, kinds, _HP_FILL) == 1
    if not math.isnan(filled):
        cells[0] = _truth(filled == 1 and not by_person)
    cells[1] = math.log1p(_number(values, kinds, _UNTRUSTED, LARGEST))
    cells[2] = _flag(values, kinds, _AUTO)
    cells[3] = _flag(values, kinds, _GL_SOFT)
    present = 0
    total = 0.0
    for lie in range(_COUNT_LIES):
        flag = _flag(values, kinds, _LIES + lie)
        cells[4 + lie] = flag
        if not math.isnan(flag):
            present += 1
            total += flag
    if present > 0:
        # A browser that resists fingerprinting reports UTC and another screen: one setting, so one contradiction.
        cells[4 + _COUNT_LIES] = total - _truth(cells[6] == 1.0 and cells[8] == 1.0)


@compiled
def signals(values: Matrix, kinds: Kinds, given: Flags, readable: Flags, seconds: Vector, cells: Matrix) -> None:
    """Write the behavioural signals of n leads.

    Parameters
    ----------
    values, kinds
        Numbers of the payloads, see `features.collector_payload.Payloads`.
    given, readable
        Whether there is a payload, and whether it can be read, shape (n,).
    seconds
        Time on the form as the server measured it; nan where it is unknown, shape (n,).
    cells
        Receives the features, shape (n, 36), nan before.
    """
    for row in range(len(values)):
        if not given[row]:
            continue
        version = values[row, _VERSION] if kinds[row, _VERSION] in (INTEGER, FLOAT, BOOLEAN) else 0.0
        if not readable[row] or version != VERSION:
            cells[row, 0] = 1.0
            continue
        touch = _flag(values[row], kinds[row], _TOUCH)
        cells[row, 0] = 0.0
        _typing(values[row], kinds[row], touch, cells[row, 1:12])
        _pointer(values[row], kinds[row], touch, cells[row, 12:21])
        _page(values[row], kinds[row], seconds[row], touch, cells[row, 21:26])
        _software(values[row], kinds[row], cells[row, 26:36])
