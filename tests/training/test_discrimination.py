"""AUC, its bounds, and cross-fitted win rates of a column."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from training.discrimination import auc, auc_loss_without, auc_lower_bound, cross_fitted_rate


def test_auc_of_ties_and_of_one_class() -> None:
    won = np.array([True, False, True, False])
    assert auc(won, np.array([1.0, 1.0, 2.0, 2.0])) == 0.5
    assert auc(won, np.array([2.0, 1.0, 2.0, 2.0])) == pytest.approx(0.75)
    assert math.isnan(auc(np.ones(3, bool), np.arange(3.0)))
    assert math.isnan(auc(np.zeros(3, bool), np.arange(3.0)))


def test_auc_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    for digits in (0, 2, 9):
        won = rng.random(1000) < 0.1
        score = np.round(rng.normal(0, 1, 1000), digits)
        assert auc(won, score) == pytest.approx(roc_auc_score(won, score), abs=1e-12)


def test_the_lower_bound_rises_with_the_number_of_leads() -> None:
    rng = np.random.default_rng(1)
    won = rng.random(5000) < 0.2
    score = won + rng.normal(0, 1, 5000)
    assert auc_lower_bound(won[:200], score[:200]) < auc_lower_bound(won, score) < auc(won, score)


def test_a_cross_fitted_rate_does_not_use_the_own_outcome() -> None:
    rng = np.random.default_rng(2)
    won = rng.random(2000) < 0.3
    identifier = pd.Series(np.arange(2000).astype(str), dtype="str")
    assert np.ptp(cross_fitted_rate(identifier, won, seed=1)) == 0.0
    signal = pd.Series(np.where(won, "a", "b"), dtype="str")
    assert auc(won, cross_fitted_rate(signal, won, seed=1)) == 1.0


def test_only_a_column_with_own_information_is_missed() -> None:
    rng = np.random.default_rng(3)
    won = rng.random(1500) < 0.4
    strong, noise = won + rng.normal(0, 0.7, 1500), rng.normal(size=1500)
    rates = {"strong": strong, "copy": strong, "noise": noise}
    assert abs(auc_loss_without(rates, "copy", won)) < 0.01
    assert auc_loss_without({"strong": strong, "noise": noise}, "strong", won) > 0.2
