"""The win model: closed forms, and what late outcomes do to it."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import cure_model
from models.boosting import BoosterDataset, BoosterParams
from models.cure_model import CensoredOutcomes, fit_win
from models.level_curve import fit_level
from models.log_odds import logit, sigmoid


def leads(rows: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, 4))
    chance = sigmoid(matrix[:, 0] - 1.0)
    return matrix, rng.random(rows) < chance, chance


def test_with_final_outcomes_it_is_plain_logistic_boosting() -> None:
    matrix, won, _ = leads()
    rows, ones = np.arange(len(won)), np.ones(len(won))
    evidence = CensoredOutcomes(won, ~won, 0.0 * ones, ones, ones)
    open_but_mature = CensoredOutcomes(won, np.zeros_like(won), 0.0 * ones, ones, ones)
    shape = BoosterParams(rounds=20, leaves=8, min_leaf=20, feature_share=1.0)
    start = fit_level(evidence, rows, 0.0 * ones).now
    trees = fit_win(BoosterDataset(matrix), rows, evidence, shape, 1, start * ones)
    assert start == pytest.approx(float(logit(np.array([won.mean()]))[0]), abs=1e-6)
    settings = {
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": 8,
        "learning_rate": shape.learning_rate,
        "max_bin": 127,
        "min_data_in_leaf": 20,
        "lambda_l2": shape.l2,
        "boost_from_average": False,
        "min_data_in_bin": 5,
        "num_threads": 1,
        "force_row_wise": True,
        "deterministic": True,
    }
    data = lightgbm.Dataset(matrix, won.astype(float), init_score=np.full(len(won), start))
    plain = lightgbm.train(settings, data, num_boost_round=20).predict(matrix, raw_score=True)
    np.testing.assert_allclose(trees.raw(matrix), plain, atol=1e-4)
    mature = fit_win(BoosterDataset(matrix), rows, open_but_mature, shape, 1, start * ones)
    np.testing.assert_array_equal(mature.raw(matrix), trees.raw(matrix))


@given(
    margin=st.floats(-8.0, 8.0),
    winner=st.floats(0.0, 1.0),
    loser=st.floats(0.02, 1.0),
    genuine=st.floats(0.05, 1.0),
    state=st.sampled_from(["won", "lost", "open"]),
)
def test_derivatives_are_those_of_the_loss(
    margin: float, winner: float, loser: float, genuine: float, state: str
) -> None:
    one = np.ones(1)
    evidence = CensoredOutcomes(
        np.array([state == "won"]), np.array([state == "lost"]), winner * one, loser * one, genuine * one
    )
    row, step = np.zeros(1, dtype=np.int64), 1e-5
    gradient, curve = evidence.derivatives(margin * one, row)
    numeric = (evidence.loss((margin + step) * one, row) - evidence.loss((margin - step) * one, row)) / (2 * step)
    assert gradient[0] == pytest.approx(numeric, abs=1e-5)
    assert curve[0] > 0
    slopes = [evidence.derivatives((margin + change) * one)[0][0] for change in (step, -step)]
    observed = evidence.observed_curvature(margin * one)
    assert observed[0] == pytest.approx((slopes[0] - slopes[1]) / (2 * step), abs=1e-5)


def rate_of(evidence: CensoredOutcomes) -> float:
    """Return the one probability that fits all leads."""
    rows = np.arange(len(evidence.won))
    return float(sigmoid(np.array([fit_level(evidence, rows, np.zeros(len(rows))).now]))[0])


def test_open_leads_are_neither_lost_nor_forgotten() -> None:
    rng = np.random.default_rng(4)
    rows, rate = 40_000, 0.3
    winner = rng.random(rows) < rate
    age, delay = rng.uniform(0.0, 200.0, rows), rng.exponential(80.0, rows)
    closes, closing = rng.random(rows) < 0.5, rng.exponential(40.0, rows)
    won = winner & (delay <= age)
    lost = ~winner & closes & (closing <= age)
    loser_open = 1.0 - 0.5 * (1.0 - np.exp(-age / 40.0))
    evidence = CensoredOutcomes(won, lost, np.exp(-age / 80.0), loser_open, np.ones(rows))
    assert rate_of(evidence) == pytest.approx(rate, abs=0.015)
    deaf = CensoredOutcomes(won, lost, np.exp(-age / 80.0), np.ones(rows), np.ones(rows))
    assert rate_of(deaf) < rate - 0.02
    assert won.mean() < rate - 0.05


def test_chance_to_be_genuine_bounds_the_chance_to_win() -> None:
    _, won, _ = leads()
    ones = np.ones(len(won))
    evidence = CensoredOutcomes(won, ~won, 0.0 * ones, ones, 0.5 * ones)
    assert 0.5 * rate_of(evidence) == pytest.approx(won.mean(), abs=1e-5)


def test_more_leads_than_the_limit_count_as_many_as_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    won, years = rng.random(2_000) < 0.2, rng.uniform(0.0, 2.0, 2_000)
    ones = np.ones(2_000)
    evidence = CensoredOutcomes(won, ~won, 0.0 * ones, ones, ones)
    fivefold = evidence.of(np.tile(np.arange(2_000), 5))
    assert evidence.tempered() is evidence
    nothing = evidence.of(np.arange(0))
    assert nothing.tempered() is nothing
    monkeypatch.setattr(cure_model, "MOST_EVIDENCE", 2_000.0)
    assert fivefold.tempered().total == pytest.approx(2_000.0)
    once = fit_level(evidence, np.arange(2_000), 0.0 * ones, years)
    often = fit_level(fivefold, np.arange(10_000), np.zeros(10_000), np.tile(years, 5))
    assert often.now == pytest.approx(once.now, abs=1e-6)
    assert often.error == pytest.approx(once.error, rel=1e-6)
