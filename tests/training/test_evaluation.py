"""Evaluation on a holdout: metrics by name and tables by channel, decile and cohort."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.holdouts import noisy_forecast
from training.evaluation import evaluate
from training.evaluation_metrics import METRICS, log_losses
from training.forecast import Forecast
from training.holdout import Holdout


def test_every_metric_is_computed_with_its_interval(holdout: Holdout) -> None:
    evaluation = evaluate("model", noisy_forecast(holdout), holdout)
    assert list(evaluation.metrics) == list(METRICS)
    for estimate in evaluation.metrics.values():
        assert estimate.interval is not None
        assert estimate.interval[0] <= estimate.value <= estimate.interval[1]


def test_the_same_seed_gives_the_same_intervals(holdout: Holdout) -> None:
    forecast = noisy_forecast(holdout)
    first, second = (evaluate("model", forecast, holdout, seed=3).metrics for _ in range(2))
    assert first == second
    assert first != evaluate("model", forecast, holdout, seed=4).metrics


def test_tables_add_up(holdout: Holdout) -> None:
    evaluation = evaluate("model", noisy_forecast(holdout), holdout)
    for table in (evaluation.channels, evaluation.deciles, evaluation.cohorts):
        assert table["leads"].sum() == len(holdout)
        assert table["wins"].sum() == holdout.won.sum()
        assert table["money"].sum() == pytest.approx(holdout.revenue.sum())
    assert evaluation.deciles["leads"].tolist() == [300] * 10
    assert (evaluation.channels["money_ratio_low"] <= evaluation.channels["money_ratio"]).all()
    assert (evaluation.channels["money_ratio"] <= evaluation.channels["money_ratio_high"]).all()


def test_open_leads_do_not_count_as_lost() -> None:
    rng = np.random.default_rng(6)
    visible = rng.uniform(0, 1, 20_000)
    won = rng.random(20_000) < 0.3 * visible
    group = np.full(20_000, "all", dtype=object)
    holdout = Holdout(won, won.astype(float), visible, visible, group, group, group, has_money=False)
    correct = Forecast(np.full(20_000, 0.3), np.full(20_000, 0.3))
    naive = Forecast(np.full(20_000, won.mean()), np.full(20_000, won.mean()))
    assert evaluate("correct", correct, holdout).value("wins_ratio") == pytest.approx(1.0, abs=0.05)
    difference = log_losses(correct, holdout) - log_losses(naive, holdout)
    assert difference.mean() < -2 * difference.std() / np.sqrt(len(difference))
