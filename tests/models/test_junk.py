"""Junk: three states, and labels that are no fair sample."""

from __future__ import annotations

import numpy as np
import pytest

from models.base import sigmoid
from models.boosting import Table
from models.junk import fit_junk, prior_shift
from models.scorecard import Scorecard


def labelled(rows: int = 6000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a matrix, true junk, and labels of 20 % of the junk and 60 % of the rest."""
    rng = np.random.default_rng(seed)
    true = rng.random(rows) < 0.3
    matrix = rng.normal(size=(rows, 5))
    matrix[:, 0] += 2.0 * true
    told = rng.random(rows) < np.where(true, 0.2, 0.6)
    return matrix, true, true & told, ~true & told


def test_share_of_junk_is_that_of_all_leads() -> None:
    matrix, true, junk, engaged = labelled()
    assert junk.sum() / (junk | engaged).sum() < 0.15
    model, outside = fit_junk(Table(matrix), junk, engaged, 1)
    inside = sigmoid(model.log_odds(matrix))
    assert inside.mean() == pytest.approx(true.mean(), abs=0.05)
    assert sigmoid(outside).mean() == pytest.approx(true.mean(), abs=0.05)
    assert inside[true].mean() > 0.6
    assert inside[~true].mean() < 0.25


def test_outside_log_odds_have_not_seen_the_label() -> None:
    rng = np.random.default_rng(3)
    matrix, label = rng.normal(size=(800, 5)), rng.random(800) < 0.5
    _, outside = fit_junk(Table(matrix), label, ~label, 1)
    assert abs(np.corrcoef(outside, label)[0, 1]) < 0.12


def test_same_seed_gives_the_same_model() -> None:
    matrix, _, junk, engaged = labelled(1500)
    first, second = (fit_junk(Table(matrix), junk, engaged, 9)[0] for _ in range(2))
    assert first.trees.to_text() == second.trees.to_text()
    assert (first.shift, first.slope) == (second.shift, second.slope)


def test_no_unknown_leads_leave_the_prior_alone() -> None:
    label = np.array([True, False])
    assert prior_shift(np.array([3.0, -3.0]), label, ~label) == 0.0


def test_scorecard_of_the_house_knows_a_test_address() -> None:
    card = Scorecard.shipped("junk")
    names = ("email_test", "phone_valid", "email_disposable")
    rows = np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [np.nan, np.nan, np.nan]])
    plain, tester, throwaway, unknown = card.probability(rows, names)
    assert tester > 0.9
    assert plain == unknown < 0.1
    assert plain < throwaway < tester
