"""Behavioural signals of the form, from the collector's payload `lw_data` (`docs/reference/evidence.md`).

A missing signal is unknown, not suspicious. Signals that autofill, touch keyboards, the Enter key and screen
readers also produce are missing in these cases: key timing counts only on a desktop and only where keys were pressed by
hand, pointer signals only for a form that was sent by mouse.

All of it is what a browser says, so it is evidence of junk and automation only (`use="junk"`): no payload changes the
value of a genuine lead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth

VERSION = 1
LONGEST = 16_384
MIN_KEYS = 5
"""Keystrokes below which typing rhythm is missing."""
_NUMBERS, _FLAGS = frozenset({int, float}), frozenset({int, bool})
"""Types of JSON values that are numbers, and flags."""


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


def _log(payload: Mapping[str, Any], name: str) -> float:
    return math.log1p(number(payload, name))


def _flag(payload: Mapping[str, Any], name: str) -> float:
    value: Any = payload.get(name)
    return float(value) if type(value) in _FLAGS and 0 <= value <= 1 else NAN


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else NAN


_MISSING: tuple[Cell, ...] = (NAN,) * 36


def compute(lw_data: str | None, form_seconds: float | None) -> tuple[Cell, ...]:
    """Return the behavioural signals of a payload.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> script = '{"v":1,"keys":0,"chars":31,"fields":4,"nofocus":4,"untrusted":1,"kind":"script","auto":1,"touch":0}'
    >>> cells = dict(zip(names, compute(script, 0.8), strict=True))
    >>> cells["collector_automation"], cells["collector_nofocus_share"], cells["collector_key_per_char"]
    (1.0, 1.0, 0.0)
    """
    if lw_data is None:
        return _MISSING
    payload = parse(lw_data)
    if payload is None or payload.get("v") != VERSION:
        return (1.0, *_MISSING[1:])
    touch = _flag(payload, "touch")
    return (
        0.0,
        *_typing(payload, touch),
        *_pointer(payload, touch),
        *_page(payload, form_seconds, touch),
        *_software(payload),
    )


def _typing(payload: Mapping[str, Any], touch: float) -> tuple[float, ...]:
    keys = number(payload, "keys")
    # Some password managers fill in by script, with key events of their own for each field.
    by_hand = touch == 0 and not 0 < keys <= number(payload, "untrusted")
    rhythm = by_hand and keys >= MIN_KEYS
    return (
        _ratio(keys, number(payload, "chars")) if by_hand else NAN,
        _log(payload, "ik_med") if rhythm else NAN,
        number(payload, "ik_cv", 100) if rhythm else NAN,
        _log(payload, "hold_med") if rhythm else NAN,
        number(payload, "hold_cv", 100) if rhythm else NAN,
        _ratio(number(payload, "bs"), keys),
        number(payload, "paste"),
        number(payload, "fill"),
        number(payload, "tabs"),
        _ratio(number(payload, "nofocus"), number(payload, "fields")),
        _log(payload, "dwell"),
    )


def _pointer(payload: Mapping[str, Any], touch: float) -> tuple[float, ...]:
    """Return pointer signals; nan on touch devices and for a form sent by the Enter key."""
    kind = payload.get("kind")
    mouse = touch == 0 and kind != "enter"
    x = number(payload, "cx", 1)
    y = number(payload, "cy", 1)
    offset = max(abs(x - 0.5), abs(y - 0.5)) if mouse else NAN
    moves = number(payload, "mv") if mouse else NAN
    return (
        math.log1p(moves),
        _log(payload, "path") if mouse else NAN,
        number(payload, "straight", 1) if moves > 1 else NAN,
        number(payload, "turn", 1) if moves > 1 else NAN,
        offset,
        truth(offset < 0.02 and moves <= 2) if mouse and not math.isnan(offset) else NAN,
        _log(payload, "gap") if mouse else NAN,
        truth(kind == "script") if kind in ("click", "enter", "script") else NAN,
        truth(kind == "enter") if kind in ("click", "enter", "script") else NAN,
    )


def _page(payload: Mapping[str, Any], form_seconds: float | None, touch: float) -> tuple[float, ...]:
    browser_seconds = number(payload, "ms") / 1000.0
    gap = NAN if form_seconds is None else math.log1p(abs(form_seconds - browser_seconds))
    return (
        _log(payload, "first_ms"),
        gap,
        number(payload, "scroll", 100),
        number(payload, "vis"),
        touch,
    )


def _software(payload: Mapping[str, Any]) -> tuple[float, ...]:
    filled = _flag(payload, "hp")
    by_person = _flag(payload, "hp_focus") == 1 or _flag(payload, "hp_fill") == 1
    blind = NAN if math.isnan(filled) else truth(filled and not by_person)
    contradictions = [_flag(payload, name) for name in ("lie_gl", "lie_brand", "lie_tz", "lie_ua", "lie_screen")]
    # A browser that resists fingerprinting reports UTC and another screen: one setting, so one contradiction.
    present = [flag for flag in contradictions if not math.isnan(flag)]
    return (
        blind,
        math.log1p(number(payload, "untrusted")),
        _flag(payload, "auto"),
        _flag(payload, "gl_soft"),
        *contradictions,
        sum(present) - (contradictions[2] == contradictions[4] == 1.0) if present else NAN,
    )


def _quantity(name: str, label: str, unit: str = "n", junk: int = 0) -> Feature:
    return Feature(f"collector_{name}", "number", label, unit=unit, junk=junk, use="junk")  # type: ignore[arg-type]


def _yes_no(name: str, yes: str, no: str, junk: int = 0) -> Feature:
    return Feature(f"collector_{name}", "flag", "Behaviour on the form", yes, no, junk=junk, use="junk")  # type: ignore[arg-type]


GROUP = FeatureGroup(
    "collector",
    ("lw_data", "form_seconds"),
    (
        _yes_no("malformed", "Behavioural signals are unreadable", "Behavioural signals are readable", 1),
        _quantity("key_per_char", "Keystrokes per character", "ratio"),
        _quantity("key_interval_log", "Time between two keystrokes", "ln(1 + ms)"),
        _quantity("key_interval_cv", "Variation of the time between keystrokes", "ratio"),
        _quantity("key_hold_log", "Time that a key is held", "ln(1 + ms)"),
        _quantity("key_hold_cv", "Variation of the time that keys are held", "ratio"),
        _quantity("corrections", "Corrections per keystroke", "ratio"),
        _quantity("pastes", "Texts pasted"),
        _quantity("autofills", "Fields filled in by the browser"),
        _quantity("tabs", "Presses of Tab"),
        _quantity("nofocus_share", "Filled fields that never had the focus", "share of fields", 1),
        _quantity("dwell_log", "Shortest time in a field per character", "ln(1 + ms)"),
        _quantity("moves_log", "Moves of the pointer", "ln(1 + n)"),
        _quantity("path_log", "Length of the pointer's path", "ln(1 + px)"),
        _quantity("straightness", "Straightness of the pointer's path", "ratio"),
        _quantity("turns", "Changes of direction of the pointer", "ratio"),
        _quantity("click_off_centre", "Distance of the click from the centre of the button", "share of its size"),
        _yes_no("click_dead_centre", "Click exactly in the button's centre", "Click outside the button's centre", 1),
        _quantity("click_gap_log", "Time from the last move to the click", "ln(1 + ms)"),
        _yes_no("sent_by_script", "A script sent the form", "A click or Enter sent the form"),
        _yes_no("sent_by_enter", "Sent with the Enter key", "Not sent with the Enter key"),
        _quantity("first_focus_log", "Time until the first field had the focus", "ln(1 + ms)"),
        _quantity("clock_gap_log", "Difference of the time on the form between server and browser", "ln(1 + s)"),
        _quantity("scroll", "Scroll depth", "%"),
        _quantity("visibility_changes", "Times the page was hidden or shown"),
        _yes_no("touch", "Sent from a touch device", "Not sent from a touch device"),
        _yes_no("honeypot_blind", "Hidden field filled by software", "Hidden field not filled by software", 1),
        _quantity("untrusted_log", "Events made by a script", "ln(1 + n)", 1),
        _yes_no("automation", "The browser shows signs of automation", "The browser shows no sign of automation", 1),
        _yes_no("software_graphics", "Graphics rendered by software", "Graphics rendered by a graphics card", 1),
        _yes_no("lie_graphics", "Graphics contradict the platform", "Graphics agree with the platform", 1),
        _yes_no("lie_brand", "Browser brand contradicts its version", "Browser brand agrees with its version", 1),
        _yes_no("lie_time_zone", "Time zone UTC contradicts the language", "Time zone agrees with the language", 1),
        _yes_no("lie_user_agent", "User agent contradicts client hints", "User agent agrees with client hints", 1),
        _yes_no("lie_screen", "Window contradicts the screen size", "Window agrees with the screen size", 1),
        _quantity("lies", "Contradictions in the browser's data", junk=1),
    ),
    compute,
    version=3,
    needs="collector",
)

GROUPS = (GROUP,)
