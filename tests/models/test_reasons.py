"""Reasons: contributions add up, and do not depend on the other rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadworth.records import Reason
from models.reasons import BASELINE, OTHER, STRONGEST, Explainer, Reasons, rule_json, strongest

NAMES = tuple(f"visits_{number}" for number in range(9))
EXPLAINER = Explainer((*NAMES, "junk", "age"), lambda name, value: f'{name} "is" {value:g}')


def reasons_of(matrix: np.ndarray, baseline: float, parts: np.ndarray) -> list[list[Reason]]:
    selected = Reasons.of(matrix, baseline, parts)
    rows = []
    for row in range(len(matrix)):
        columns, values, numbers = (part[row] for part in (selected.columns, selected.values, selected.contributions))
        heads = [
            (EXPLAINER.head(int(column), value, bool(number > 0)), number)
            for column, value, number in zip(columns, values, numbers, strict=True)
            if column >= 0
        ]
        items = [(BASELINE, baseline), *heads, (OTHER, selected.other[row])]
        rows.append([Reason.model_validate_json(f"{head}{float(number)!r}}}") for head, number in items])
    return rows


amounts = st.one_of(st.floats(-30.0, 30.0, allow_subnormal=False), st.sampled_from([0.0, 1e-6, -1e-6, 1.0, -1.0]))


@given(parts=arrays(np.float64, (4, 11), elements=amounts), baseline=amounts)
def test_contributions_add_up(parts: np.ndarray, baseline: float) -> None:
    matrix = np.where(np.abs(parts[:, :9]) < 1, np.nan, parts[:, :9])
    for row, reasons in enumerate(reasons_of(matrix, baseline, parts)):
        total = baseline + parts[row].sum()
        assert sum(reason.contribution or 0.0 for reason in reasons) == pytest.approx(total, abs=1e-6)
        assert (reasons[0].code, reasons[-1].code, len(reasons) <= STRONGEST + 2) == ("baseline", "other", True)
        assert reasons_of(matrix[row : row + 1], baseline, parts[row : row + 1]) == [reasons]


@given(parts=arrays(np.float64, (4, 11), elements=amounts))
def test_the_strongest_are_those_of_a_stable_sort(parts: np.ndarray) -> None:
    matrix = np.arange(36.0).reshape(4, 9)
    selected = Reasons.of(matrix, 0.0, parts)
    order = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :STRONGEST]
    strong = np.abs(np.take_along_axis(parts, order, axis=1)) > 1e-6
    np.testing.assert_array_equal(selected.columns, np.where(strong, order, -1))
    np.testing.assert_array_equal(
        selected.contributions, np.where(strong, np.take_along_axis(parts, order, axis=1), 0.0)
    )
    values = np.take_along_axis(matrix, np.minimum(order, 8), axis=1)
    np.testing.assert_array_equal(selected.values, np.where(strong & (order < 9), values, np.nan))
    for compiled, plain in zip(
        strongest(matrix, parts, 5, 1e-6), strongest.py_func(matrix, parts, 5, 1e-6), strict=True
    ):
        np.testing.assert_array_equal(compiled, plain)


def test_strongest_come_first_and_zero_contributions_are_skipped() -> None:
    parts = np.array([[0.0, -3.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0]])
    [reasons] = reasons_of(np.ones((1, 9)), 0.25, parts)
    assert [reason.code for reason in reasons] == ["baseline", "visits_1", "junk", "visits_2", "other"]
    assert reasons[1].text == 'visits_1 "is" 1 (lowers the win probability)'
    assert reasons[2].text == "Junk probability (lowers the win probability)"


def test_a_rule_has_no_contribution() -> None:
    reason = Reason.model_validate_json(rule_json("honeypot", 'a "hidden" field'))
    assert reason == Reason(kind="rule", code="honeypot", text='a "hidden" field', contribution=None)
