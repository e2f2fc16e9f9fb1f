"""Compiled definition of the behavioural signals: from the numbers of a payload to features."""

from __future__ import annotations

import math

import numpy as np

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

_FLAGS = (_TOUCH, _HP, _HP_FOCUS, _HP_FILL, _AUTO, _GL_SOFT, *range(_LIES, _LIES + _COUNT_LIES))
_IS_FLAG = np.isin(np.arange(len(NAMES)), _FLAGS)
_MAXIMA = np.full(len(NAMES), LARGEST)
_MAXIMA[[*_FLAGS, _CX, _CY, _STRAIGHT, _TURN]] = 1.0
_MAXIMA[[_IK_CV, _HOLD_CV, _SCROLL]] = 100.0


@compiled
def _keep_valid(values: Vector, kinds: Kinds, kept: Vector) -> None:
    """Write the numbers and flags of a payload to `kept`, shape (names,); nan where one is missing or out of range.

    A flag may be an integer of 0 or 1.
    """
    for name in range(len(kept)):
        second = BOOLEAN if _IS_FLAG[name] else FLOAT
        valid = (kinds[name] == INTEGER or kinds[name] == second) and 0 <= values[name] <= _MAXIMA[name]
        kept[name] = values[name] if valid else _NAN


@compiled
def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else _NAN


@compiled
def _typing(kept: Vector, cells: Vector) -> None:
    """Write the signals of the keyboard."""
    keys = kept[_KEYS]
    # Some password managers fill in by script, with key events of their own for each field.
    by_hand = kept[_TOUCH] == 0 and not 0 < keys <= kept[_UNTRUSTED]
    rhythm = by_hand and keys >= MIN_KEYS
    if by_hand:
        cells[0] = _ratio(keys, kept[_CHARS])
    if rhythm:
        cells[1] = math.log1p(kept[_IK_MED])
        cells[2] = kept[_IK_CV]
        cells[3] = math.log1p(kept[_HOLD_MED])
        cells[4] = kept[_HOLD_CV]
    cells[5] = _ratio(kept[_BS], keys)
    cells[6] = kept[_PASTE]
    cells[7] = kept[_FILL]
    cells[8] = kept[_TABS]
    cells[9] = _ratio(kept[_NOFOCUS], kept[_FIELDS])
    cells[10] = math.log1p(kept[_DWELL])


@compiled
def _pointer(kept: Vector, kind: float, cells: Vector) -> None:
    """Write pointer signals; nan on touch devices and for a form sent by the Enter key.

    `kind` is how the form was sent, as `pack` gives it.
    """
    if kind in (_CLICK, _ENTER, _SCRIPT):
        cells[7] = 1.0 if kind == _SCRIPT else 0.0
        cells[8] = 1.0 if kind == _ENTER else 0.0
    if kept[_TOUCH] != 0 or kind == _ENTER:
        return
    moves = kept[_MV]
    off_x = abs(kept[_CX] - 0.5)
    off_y = abs(kept[_CY] - 0.5)
    offset = off_y if off_y > off_x else off_x
    cells[0] = math.log1p(moves)
    cells[1] = math.log1p(kept[_PATH])
    if moves > 1:
        cells[2] = kept[_STRAIGHT]
        cells[3] = kept[_TURN]
    cells[4] = offset
    if not math.isnan(offset):
        cells[5] = 1.0 if offset < 0.02 and moves <= 2 else 0.0
    cells[6] = math.log1p(kept[_GAP])


@compiled
def _page(kept: Vector, seconds: float, cells: Vector) -> None:
    """Write times and depth of the visit."""
    cells[0] = math.log1p(kept[_FIRST_MS])
    cells[1] = math.log1p(abs(seconds - kept[_MS] / 1000.0))
    cells[2] = kept[_SCROLL]
    cells[3] = kept[_VIS]
    cells[4] = kept[_TOUCH]


@compiled
def _software(kept: Vector, cells: Vector) -> None:
    """Write the signs of software."""
    filled = kept[_HP]
    by_person = kept[_HP_FOCUS] == 1 or kept[_HP_FILL] == 1
    if not math.isnan(filled):
        cells[0] = 1.0 if filled == 1 and not by_person else 0.0
    cells[1] = math.log1p(kept[_UNTRUSTED])
    cells[2] = kept[_AUTO]
    cells[3] = kept[_GL_SOFT]
    present = 0
    total = 0.0
    for lie in range(_COUNT_LIES):
        flag = kept[_LIES + lie]
        cells[4 + lie] = flag
        if not math.isnan(flag):
            present += 1
            total += flag
    if present > 0:
        # A browser that resists fingerprinting reports UTC and another screen: one setting, so one contradiction.
        cells[4 + _COUNT_LIES] = total - (1.0 if cells[6] == 1.0 and cells[8] == 1.0 else 0.0)


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
    kept = np.empty(len(NAMES))
    for row in range(len(values)):
        if not given[row]:
            continue
        version = values[row, _VERSION] if kinds[row, _VERSION] in (INTEGER, FLOAT, BOOLEAN) else 0.0
        if not readable[row] or version != VERSION:
            cells[row, 0] = 1.0
            continue
        _keep_valid(values[row], kinds[row], kept)
        kind = values[row, _KIND] if kinds[row, _KIND] == TEXT else 0.0
        cells[row, 0] = 0.0
        _typing(kept, cells[row, 1:12])
        _pointer(kept, kind, cells[row, 12:21])
        _page(kept, seconds[row], cells[row, 21:26])
        _software(kept, cells[row, 26:36])
