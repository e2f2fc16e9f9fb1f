"""Compiled signals: rules that hold for any payload; single signals are tested in `test_behavioural_signals`."""

from __future__ import annotations

import numpy as np

from features.payload_kernel import INTEGER, NAMES
from features.signals_kernel import signals


def written(names: dict[str, float], *, given: bool = True, readable: bool = True) -> list[float]:
    values, kinds = np.zeros((1, len(NAMES))), np.zeros((1, len(NAMES)), dtype=np.uint8)
    for name, value in names.items():
        values[0, NAMES.index(name)], kinds[0, NAMES.index(name)] = value, INTEGER
    cells = np.full((1, 36), np.nan)
    signals(values, kinds, np.array([given]), np.array([readable]), np.array([np.nan]), cells)
    row: list[float] = cells[0].tolist()
    return row


def test_no_payload_has_no_signal_and_an_unreadable_one_says_so() -> None:
    assert np.isnan(written({}, given=False)).all()
    assert written({"v": 1}, readable=False)[0] == written({"v": 2})[0] == written({})[0] == 1.0


def test_contradictions_are_counted() -> None:
    assert written({"v": 1, "lie_gl": 1, "lie_brand": 0})[-1] == 1.0
    assert np.isnan(written({"v": 1})[-1])
