"""Reasons add up, whatever the contributions, and say the same for one lead and for many."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadworth.records import Reason
from models.reasons import STRONGEST, Explainer, rule_json

NAMES = tuple(f"visits_{number}" for number in range(9))
EXPLAINER = Explainer(NAMES, lambda name, value: f'{name} "is" {value:g}')


def reasons_of(vector: np.ndarray, baseline: float, parts: np.ndarray, terms: dict[str, float]) -> list[Reason]:
    found = EXPLAINER.one(vector.tolist(), float(baseline), parts, terms)
    return [Reason.model_validate_json(text) for text in found]


amounts = st.floats(-30.0, 30.0, allow_subnormal=False)


@given(
    contributions=arrays(np.float64, (4, 9), elements=amounts),
    baseline=arrays(np.float64, (4,), elements=amounts),
    junk=arrays(np.float64, (4,), elements=amounts),
)
def test_what_is_shown_adds_up(contributions: np.ndarray, baseline: np.ndarray, junk: np.ndarray) -> None:
    matrix = np.where(np.abs(contributions) < 1, np.nan, contributions)
    table = EXPLAINER.many(matrix, baseline, contributions, {"junk": junk})
    for row, written in enumerate(table):
        one = reasons_of(matrix[row], baseline[row], contributions[row], {"junk": float(junk[row])})
        total = baseline[row] + contributions[row].sum() + junk[row]
        assert sum(reason.contribution or 0.0 for reason in one) == pytest.approx(total, abs=1e-6)
        assert (one[0].code, one[-1].code, len(one) <= STRONGEST + 2) == ("baseline", "other", True)
        many = [json.loads(reason) for reason in written]
        assert [(m["kind"], m["code"], m["text"]) for m in many] == [(o.kind, o.code, o.text) for o in one]
        assert [m["contribution"] for m in many] == pytest.approx([o.contribution for o in one], abs=1e-9)


def test_the_strongest_come_first_and_silent_ones_not_at_all() -> None:
    contributions = np.array([0.0, -3.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    reasons = reasons_of(np.ones(9), 0.25, contributions, {"junk": -1.0, "age": 0.0})
    assert [reason.code for reason in reasons] == ["baseline", "visits_1", "junk", "visits_2", "other"]
    assert reasons[1].text == 'visits_1 "is" 1 (lowers the win probability)'
    assert reasons[2].text == "Chance that the lead is junk (lowers the win probability)"


def test_a_rule_carries_no_contribution() -> None:
    said = Reason.model_validate_json(rule_json("honeypot", 'a "hidden" field'))
    assert said == Reason(kind="rule", code="honeypot", text='a "hidden" field', contribution=None)
