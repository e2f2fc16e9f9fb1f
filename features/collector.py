"""What the collector saw of how the form was filled in (`docs/reference/evidence.md`).

Absent is unknown, not suspicious. What only software or only a mouse can do is told apart from what
autofill, touch keyboards, Enter and screen readers do as well: timing between keys counts at a desktop
only, and a field that was never focused counts only where nothing filled it for the visitor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from features.base import NAN, Cell, Feature, Group, truth

VERSION = 1
LONGEST = 16_384
FEWEST_KEYS = 5
"""Keys below which the rhythm of typing says nothing."""


@lru_cache(maxsize=64)
def parse(lw_data: str | None) -> Mapping[str, Any] | None:
    """Return the payload of the collector, or None where there is none that can be read.

    Examples
    --------
    >>> parse('{"v": 1, "keys": 12}')["keys"], parse("{"), parse("[1]"), parse(None)
    (12, None, None, None)
    """
    if lw_data is None or len(lw_data) > LONGEST:
        return None
    try:
        content = from_json(lw_data)
    except (ValueError, TypeError):  # TypeError: half of a surrogate pair
        return None
    return content if isinstance(content, dict) else None


def number(seen: Mapping[str, Any], name: str, most: float = 1e9) -> float:
    """Return a number of the payload from 0 to `most`; nan where it is missing, no number or out of range.

    Examples
    --------
    >>> number({"keys": 3}, "keys"), number({"keys": -1}, "keys"), number({"keys": "3"}, "keys")
    (3.0, nan, nan)
    """
    value = seen.get(name)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return NAN
    return float(value) if 0 <= value <= most else NAN


def _logged(seen: Mapping[str, Any], name: str) -> float:
    return math.log1p(number(seen, name))


def _flag(seen: Mapping[str, Any], name: str) -> float:
    value = seen.get(name)
    return truth(value) if isinstance(value, bool | int) and value in {0, 1} else NAN


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else NAN


_NOTHING: tuple[Cell, ...] = (NAN,) * 36


def compute(lw_data: str | None, form_seconds: float | None) -> tuple[Cell, ...]:
    """Return the features of a payload.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> driven = '{"v":1,"keys":0,"chars":31,"fields":4,"nofocus":4,"untrusted":1,"kind":"script","auto":1,"touch":0}'
    >>> found = dict(zip(names, compute(driven, 0.8), strict=True))
    >>> found["collector_automation"], found["collector_nofocus_share"], found["collector_key_per_char"]
    (1.0, 1.0, 0.0)
    """
    if lw_data is None:
        return _NOTHING
    seen = parse(lw_data)
    if seen is None or seen.get("v") != VERSION:
        return (1.0, *_NOTHING[1:])
    touch = _flag(seen, "touch")
    return (0.0, *_typing(seen, touch), *_pointer(seen, touch), *_page(seen, form_seconds, touch), *_software(seen))


def _typing(seen: Mapping[str, Any], touch: float) -> tuple[float, ...]:
    keys, chars = number(seen, "keys"), number(seen, "chars")
    rhythm = touch == 0 and keys >= FEWEST_KEYS
    fields, nofocus = number(seen, "fields"), number(seen, "nofocus")
    return (
        _share(keys, chars) if touch == 0 else NAN,
        _logged(seen, "ik_med") if rhythm else NAN,
        number(seen, "ik_cv", 100) if rhythm else NAN,
        _logged(seen, "hold_med") if rhythm else NAN,
        number(seen, "hold_cv", 100) if rhythm else NAN,
        _share(number(seen, "bs"), keys),
        number(seen, "paste"),
        number(seen, "fill"),
        number(seen, "tabs"),
        _share(nofocus, fields),
        _logged(seen, "dwell"),
    )


def _pointer(seen: Mapping[str, Any], touch: float) -> tuple[float, ...]:
    """Return what the mouse did; nan for touch, and for a form that Enter sent."""
    kind = seen.get("kind")
    mouse = touch == 0 and kind != "enter"
    across, down = number(seen, "cx", 1), number(seen, "cy", 1)
    centre = max(abs(across - 0.5), abs(down - 0.5)) if mouse else NAN
    moves = number(seen, "mv") if mouse else NAN
    return (
        math.log1p(moves),
        _logged(seen, "path") if mouse else NAN,
        number(seen, "straight", 1) if moves > 1 else NAN,
        number(seen, "turn", 1) if moves > 1 else NAN,
        centre,
        truth(centre < 0.02 and moves <= 2) if mouse and centre == centre else NAN,  # noqa: PLR0124 - nan
        _logged(seen, "gap") if mouse else NAN,
        truth(kind == "script") if kind in ("click", "enter", "script") else NAN,
        truth(kind == "enter") if kind in ("click", "enter", "script") else NAN,
    )


def _page(seen: Mapping[str, Any], form_seconds: float | None, touch: float) -> tuple[float, ...]:
    client = number(seen, "ms")
    gap = NAN if form_seconds is None else math.log1p(abs(form_seconds - client / 1000.0))
    return (
        _logged(seen, "first_ms"),
        gap,
        number(seen, "scroll", 100),
        number(seen, "vis"),
        touch,
    )


def _software(seen: Mapping[str, Any]) -> tuple[float, ...]:
    filled, focus, autofill = (_flag(seen, name) for name in ("hp", "hp_focus", "hp_fill"))
    blind = NAN if math.isnan(filled) else truth(filled and focus != 1 and autofill != 1)
    lies = [_flag(seen, name) for name in ("lie_gl", "lie_brand", "lie_tz", "lie_ua", "lie_screen")]
    told = [lie for lie in lies if lie == lie]  # noqa: PLR0124 - nan differs from itself
    return (
        blind,
        math.log1p(number(seen, "untrusted")),
        _flag(seen, "auto"),
        _flag(seen, "gl_soft"),
        *lies,
        sum(told) if told else NAN,
    )


def _count(name: str, label: str, unit: str = "n", junk: int = 0) -> Feature:
    return Feature(f"collector_{name}", "number", label, unit=unit, junk=junk)  # type: ignore[arg-type]


def _yes(name: str, yes: str, no: str, junk: int = 0) -> Feature:
    return Feature(f"collector_{name}", "flag", "Collector", yes, no, junk=junk)  # type: ignore[arg-type]


GROUP = Group(
    "collector",
    ("lw_data", "form_seconds"),
    (
        _yes("malformed", "What the collector saw cannot be read", "What the collector saw can be read", 1),
        _count("key_per_char", "Keys pressed for each character typed", "ratio"),
        _count("key_interval_log", "Time between two keys", "ln(1 + ms)"),
        _count("key_interval_cv", "Unevenness of the time between keys", "ratio"),
        _count("key_hold_log", "Time that a key is held", "ln(1 + ms)"),
        _count("key_hold_cv", "Unevenness of the time that keys are held", "ratio"),
        _count("corrections", "Corrections for each key", "ratio"),
        _count("pastes", "Texts pasted"),
        _count("autofills", "Fields filled in by the browser"),
        _count("tabs", "Presses of Tab"),
        _count("nofocus_share", "Filled fields that nobody went into", "share of fields", 1),
        _count("dwell_log", "Shortest time in a field for each character", "ln(1 + ms)"),
        _count("moves_log", "Moves of the pointer", "ln(1 + n)"),
        _count("path_log", "Length of the pointer's path", "ln(1 + px)"),
        _count("straightness", "Straightness of the pointer's path", "ratio"),
        _count("turns", "Changes of direction of the pointer", "ratio"),
        _count("click_off_centre", "Distance of the click from the centre of the button", "share of its size"),
        _yes("click_dead_centre", "The button was hit in its very centre", "The button was not hit dead centre", 1),
        _count("click_gap_log", "Time from the last move to the click", "ln(1 + ms)"),
        _yes("sent_by_script", "A script sent the form", "A click or Enter sent the form"),
        _yes("sent_by_enter", "Sent with the Enter key", "Not sent with the Enter key"),
        _count("first_focus_log", "Time until the first field was entered", "ln(1 + ms)"),
        _count("clock_gap_log", "Difference of the times at the form by server and browser", "ln(1 + s)"),
        _count("scroll", "Depth of the scroll", "%"),
        _count("visibility_changes", "Times the page went out of sight or came back"),
        _yes("touch", "Sent from a touch device", "Not sent from a touch device"),
        _yes(
            "honeypot_blind", "A hidden field was filled, and not by autofill", "No hidden field was filled blindly", 1
        ),
        _count("untrusted_log", "Events made by a script", "ln(1 + n)", 1),
        _yes("automation", "The browser shows signs of automation", "The browser shows no sign of automation", 1),
        _yes("software_graphics", "Graphics are drawn by software", "Graphics are drawn by a card", 1),
        _yes("lie_graphics", "Graphics contradict the platform", "Graphics agree with the platform", 1),
        _yes("lie_brand", "Brand contradicts the browser's version", "Brand agrees with the browser's version", 1),
        _yes("lie_time_zone", "Time zone UTC with a language of elsewhere", "Time zone agrees with the language", 1),
        _yes("lie_user_agent", "User agent contradicts its hints", "User agent agrees with its hints", 1),
        _yes("lie_screen", "Window and screen contradict each other", "Window and screen agree", 1),
        _count("lies", "Contradictions of the browser", junk=1),
    ),
    compute,
)

GROUPS = (GROUP,)
