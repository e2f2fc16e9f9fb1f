"""Behavioural signals of the form, from the collector's payload `lw_data` (`docs/reference/evidence.md`).

A missing signal is unknown, not suspicious. Signals that autofill, touch keyboards, the Enter key and screen
readers also produce are missing in these cases: key timing counts only on a desktop and only where keys were pressed by
hand, pointer signals only for a form that was sent by mouse.

All of it is what a browser says, so it is evidence of junk and automation only (`use="junk"`): no payload changes the
value of a genuine lead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.collector_payload import read_payloads
from features.feature_group import NAN, Cell, Feature, FeatureGroup
from features.signals_kernel import signals
from leadworth.arrays import Matrix

_MISSING: tuple[Cell, ...] = (NAN,) * 36


def compute_rows(lw_data: Sequence[str | None], form_seconds: Sequence[float | None]) -> Matrix:
    """Return the behavioural signals of the payloads and times on the form of n leads, shape (features, n)."""
    payloads = read_payloads(tuple(lw_data))
    seconds = np.array(form_seconds, dtype=np.float64)  # None is nan
    given = np.array([text is not None for text in lw_data])
    cells = np.full((len(lw_data), len(GROUP.features)), NAN)
    signals(payloads.values, payloads.kinds, given, payloads.readable, seconds, cells)
    return cells.T


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
    return tuple(compute_rows([lw_data], [form_seconds])[:, 0].tolist())


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
    compute_rows=compute_rows,
)

GROUPS = (GROUP,)
