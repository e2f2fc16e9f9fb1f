"""Figures of an evaluation against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from training.discrimination import auc, auc_error
from training.evaluation import Forecast, evaluate, loss_difference
from training.holdout import Holdout


@pytest.fixture(scope="module")
def later() -> Holdout:
    rng = np.random.default_rng(3)
    truth = rng.beta(1, 8, 3000)
    won = rng.random(3000) < truth
    return Holdout(
        won=won,
        revenue=np.where(won, rng.lognormal(7, 1, 3000), 0.0),
        seen=np.ones(3000),
        seen_money=np.ones(3000),
        channel=rng.choice(np.array(["a", "b"], dtype=object), 3000),
        period=np.full(3000, "2026Q1", dtype=object),
        has_money=True,
    )


def _noisy(later: Holdout) -> Forecast:
    rng = np.random.default_rng(4)
    probability = np.clip(0.1 + 0.15 * later.won + rng.normal(0, 0.08, len(later)), 0.001, 0.999).round(2)
    return Forecast(probability, probability * 1500)


def test_figures_equal_those_of_scikit_learn(later: Holdout) -> None:
    forecast = _noisy(later)
    figures = evaluate("model", forecast, later)
    assert figures.auc.value == pytest.approx(roc_auc_score(later.won, forecast.probability))
    assert figures.log_loss.value == pytest.approx(log_loss(later.won, np.clip(forecast.probability, 1e-6, 1 - 1e-6)))
    assert figures.money_ratio.value == pytest.approx(forecast.value.sum() / later.revenue.sum())
    for figure in (figures.auc, figures.log_loss, figures.top20, figures.money_ratio):
        assert figure.interval[0] <= figure.value <= figure.interval[1]


def test_bootstrap_interval_of_the_auc_is_near_the_closed_form(later: Holdout) -> None:
    forecast = _noisy(later)
    figure = evaluate("model", forecast, later).auc
    wins = int(later.won.sum())
    error = auc_error(auc(later.won, forecast.probability), wins, len(later) - wins)
    assert (figure.interval[1] - figure.interval[0]) / 3.92 == pytest.approx(error, rel=0.4)


def test_value_captured(later: Holdout) -> None:
    perfect = evaluate("perfect", Forecast(later.won.astype(float), later.revenue), later)
    blind = evaluate("blind", Forecast(np.full(len(later), 0.1), np.full(len(later), 100.0)), later)
    assert perfect.top20.value == pytest.approx(1.0)
    assert blind.top20.value == pytest.approx(0.2)
    assert blind.top10.value == pytest.approx(0.1)


def test_tables_add_up(later: Holdout) -> None:
    figures = evaluate("model", _noisy(later), later)
    for table in (figures.channels, figures.deciles, figures.cohorts):
        assert table["leads"].sum() == len(later)
        assert table["wins"].sum() == later.won.sum()
        assert table["money"].sum() == pytest.approx(later.revenue.sum())
    assert figures.deciles["leads"].tolist() == [300] * 10


def test_young_leads_are_not_taken_for_lost() -> None:
    rng = np.random.default_rng(6)
    seen = rng.uniform(0, 1, 20_000)
    won = rng.random(20_000) < 0.3 * seen
    everyone = np.full(20_000, "all", dtype=object)
    later = Holdout(won, won.astype(float), seen, seen, everyone, everyone, has_money=False)
    honest = Forecast(np.full(20_000, 0.3), np.full(20_000, 0.3))
    naive = Forecast(np.full(20_000, won.mean()), np.full(20_000, won.mean()))
    assert evaluate("honest", honest, later).wins_ratio.value == pytest.approx(1.0, abs=0.05)
    assert loss_difference(honest, naive, later).interval[1] < 0
