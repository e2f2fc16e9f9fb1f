"""Expected revenue: heavy tails and truncated large deals."""

from __future__ import annotations

import numpy as np
import pytest

from models.boosting import BoosterDataset, BoosterParams, stump
from models.revenue_model import FEW_WINS, RevenueModel, fit_revenue, no_revenue, with_unpaid

SHAPE = BoosterParams(rounds=80, leaves=6, min_leaf=25, l2=30.0)


def wins(rows: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.normal(size=rows), rng.integers(0, 4, rows).astype(float)])
    revenue = np.exp(7.0 + 0.8 * matrix[:, 0] + 0.5 * (matrix[:, 1] == 2) + rng.normal(0.0, 0.8, rows))
    return matrix, revenue, np.ones(rows)


def test_predicted_sum_is_the_actual_sum() -> None:
    matrix, revenue, weight = wins()
    rows = np.arange(1500)
    model = fit_revenue(BoosterDataset(matrix, (1,)), rows, revenue, weight, (1,), SHAPE, 1)
    later = matrix[1500:]
    money = model.money(model.log_size(later), None)
    assert money.sum() / revenue[1500:].sum() == pytest.approx(1.0, abs=0.1)
    assert np.corrcoef(np.log(money), np.log(revenue[1500:]))[0, 1] > 0.6
    assert model.spread == pytest.approx(0.8, abs=0.08)


def test_weights_correct_for_unobserved_large_deals() -> None:
    matrix, revenue, _ = wins(seed=1)
    seen = 1.0 / (1.0 + revenue / 2000.0)
    there = np.flatnonzero(np.random.default_rng(2).random(len(revenue)) < seen)
    table = BoosterDataset(matrix, (1,))
    right = fit_revenue(table, there, revenue, np.minimum(1.0 / seen, 5.0), (), SHAPE, 1)
    naive = fit_revenue(table, there, revenue, np.ones(len(seen)), (), SHAPE, 1)
    actual = revenue.sum()
    assert naive.money(naive.log_size(matrix), None).sum() / actual < 0.75
    assert right.money(right.log_size(matrix), None).sum() / actual > 0.85


def test_few_wins_give_a_mean_by_category_shrunk_toward_the_mean_of_all() -> None:
    matrix, revenue, weight = wins()
    rows = np.arange(FEW_WINS - 1)
    model = fit_revenue(BoosterDataset(matrix, (1,)), rows, revenue, weight, (1,), SHAPE, 1)
    assert np.ptp(model.trees.raw(matrix)) == 0.0
    assert model.money(model.log_size(matrix[rows]), None).sum() == pytest.approx(revenue[rows].sum())
    logs = np.log(revenue[rows])
    for category, effect in model.effects.columns[1].items():
        own = logs[matrix[rows, 1] == category].mean() - logs.mean()
        assert 0.0 < effect / own < 1.0


def test_a_small_channel_with_small_deals_is_not_valued_like_the_others() -> None:
    """Without effects of categories, trees with strong shrinkage value a dozen small deals more than twice."""
    rng = np.random.default_rng(3)
    channel = np.array([0.0] * 600 + [1.0] * 12)
    matrix = np.column_stack([rng.normal(size=612), channel])
    revenue = np.exp(7.0 + 0.8 * matrix[:, 0] - 1.2 * channel + rng.normal(0.0, 0.8, 612))
    rows, later = np.arange(612), np.column_stack([np.zeros(1), np.ones(1)])
    expected = np.exp(7.0 - 1.2 + 0.8**2 / 2)

    def over(categories: tuple[int, ...]) -> float:
        model = fit_revenue(BoosterDataset(matrix, (1,)), rows, revenue, np.ones(612), categories, SHAPE, 1)
        return float(model.money(model.log_size(later), None)[0] / expected)

    assert over(()) > 2.0
    assert over((1,)) < 1.5


def test_category_without_wins_gets_the_average() -> None:
    matrix, revenue, weight = wins()
    model = fit_revenue(BoosterDataset(matrix, (1,)), np.arange(50), revenue, weight, (1,), SHAPE, 1)
    for category in (99.0, np.nan):
        assert model.log_size(np.array([[0.3, category]]))[0] == model.intercept


def test_history_without_revenue_counts_wins() -> None:
    model = no_revenue(BoosterDataset(np.zeros((5, 2))))
    assert model.unit
    assert model.money(model.log_size(np.zeros((3, 2))), None).tolist() == [1.0, 1.0, 1.0]


def test_wins_without_revenue_count() -> None:
    table = BoosterDataset(np.zeros((4, 1)), ())
    priced = RevenueModel(0.0, stump(table), 1.0, 10.0)
    paid = np.array([True] * 60 + [False] * 40 + [False] * 100)
    channel = np.array([0.0] * 100 + [1.0] * 100)
    adjusted = with_unpaid(priced, paid, channel)
    expected = adjusted.money(np.zeros(200), channel)
    assert adjusted.factor == pytest.approx(10.0 * 0.3)
    assert 10.0 * 0.3 < expected[0] < 10.0 * 0.6
    assert 0.0 < expected[-1] < 10.0 * 0.3
    assert with_unpaid(priced, np.array([True]), None).money(np.zeros(1), None).tolist() == [10.0]
