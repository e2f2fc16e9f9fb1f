"""Value of open leads: examples of the specification, Bayes' rule by simulation, and accounts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.open_lead_value import account_value, win_probability_at_age

shares = st.floats(0.0, 1.0)


def test_the_examples_of_the_specification() -> None:
    assert win_probability_at_age(np.array([0.2]), np.array([0.4]))[0] == pytest.approx(0.0909, abs=5e-5)
    assert account_value(np.full(7, 0.1), 20_000.0) == pytest.approx(10_434, abs=0.5)


def test_the_probability_is_the_share_of_wins_among_open_leads() -> None:
    generator = np.random.default_rng(0)
    wins = generator.random(200_000) < 0.2
    visible = wins & (generator.random(200_000) < 0.6)
    assert wins[~visible].mean() == pytest.approx(
        win_probability_at_age(np.array([0.2]), np.array([0.4]))[0], abs=0.004
    )


@given(probability=shares, later=shares)
def test_waiting_never_raises_the_probability(probability: float, later: float) -> None:
    result = win_probability_at_age(np.array([probability]), np.array([later]))[0]
    assert 0.0 <= result <= probability + 1e-12


@given(st.lists(st.floats(0.0, 0.99), min_size=1, max_size=12))
def test_another_lead_raises_and_never_doubles_an_account(probabilities: list[float]) -> None:
    values = [account_value(np.array(probabilities[: size + 1]), 1.0) for size in range(len(probabilities))]
    assert all(after >= before - 1e-12 for before, after in pairwise(values))
    assert values[-1] <= 1.0 + 1e-9
    assert values[-1] == pytest.approx(1.0 - np.prod(1.0 - np.array(probabilities)))
