"""Metrics against scikit-learn and by hand, and a new metric in every view."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from typer.testing import CliRunner

from tests.make_bundle import make_bundle
from tests.make_registry import make_registry
from tests.training.holdouts import noisy_forecast
from training.discrimination import auc_error
from training.evaluation import Evaluation, evaluate
from training.evaluation_metrics import METRICS, Estimate, EvaluationMetric, auc, bootstrap_estimate
from training.forecast import Forecast
from training.holdout import Holdout
from training.model_card import facts_of, figures_of, model_card
from training.models_command import app
from training.pipeline import NAME, TrainingResult
from training.promotion_gate import without_evidence
from training.registration import metrics_of, register
from training.resamples import Resamples
from training.training_report import show_training


def test_metrics_equal_those_of_scikit_learn(holdout: Holdout) -> None:
    forecast = noisy_forecast(holdout)
    evaluation = evaluate("model", forecast, holdout)
    assert evaluation.value("auc") == pytest.approx(roc_auc_score(holdout.won, forecast.probability))
    clipped = np.clip(forecast.probability, 1e-6, 1 - 1e-6)
    assert evaluation.value("log_loss") == pytest.approx(log_loss(holdout.won, clipped))
    assert evaluation.value("money_ratio") == pytest.approx(forecast.value.sum() / holdout.revenue.sum())
    assert evaluation.value("wins_ratio") == pytest.approx(forecast.probability.sum() / holdout.won.sum())


def test_the_auc_of_a_resample_is_that_of_scikit_learn_with_weights(holdout: Holdout) -> None:
    forecast = noisy_forecast(holdout)
    resamples = Resamples.draw(len(holdout), 1, 5)
    expected = [roc_auc_score(holdout.won, forecast.probability, sample_weight=weight) for weight in resamples.weights]
    np.testing.assert_allclose(resamples.each(partial(auc, forecast, holdout)), expected)


def test_the_bootstrap_interval_of_the_auc_is_near_the_closed_form(holdout: Holdout) -> None:
    estimate = evaluate("model", noisy_forecast(holdout), holdout).metrics["auc"]
    wins = int(holdout.won.sum())
    error = auc_error(estimate.value, wins, len(holdout) - wins)
    assert estimate.interval is not None
    assert (estimate.interval[1] - estimate.interval[0]) / 3.92 == pytest.approx(error, rel=0.4)


def test_revenue_in_the_top(holdout: Holdout) -> None:
    perfect = evaluate("perfect", Forecast(holdout.won.astype(float), holdout.revenue), holdout)
    constant = evaluate("constant", Forecast(np.full(len(holdout), 0.1), np.full(len(holdout), 100.0)), holdout)
    assert perfect.value("top20") == pytest.approx(1.0)
    assert constant.value("top20") == pytest.approx(0.2)
    assert constant.value("top10") == pytest.approx(0.1)


def test_an_interval_without_finite_values_is_missing() -> None:
    estimate = bootstrap_estimate(2.0, np.array([np.nan, np.inf]))
    assert METRICS["money_ratio"].text(estimate) == "2.000"
    assert METRICS["money_ratio"].text(estimate, with_interval=True) == "missing"


def test_a_metric_without_interval_has_none(holdout: Holdout) -> None:
    metric = EvaluationMetric("auc", "AUC", auc, interval=False)
    estimate = metric.estimate(noisy_forecast(holdout), holdout, Resamples.draw(len(holdout), 1))
    assert estimate.interval is None
    assert metric.text(estimate, with_interval=True) == f"{estimate.value:.3f}"


def mean_win_probability(forecast: Forecast, holdout: Holdout, weights: np.ndarray) -> np.ndarray:
    return 100 * (weights @ (forecast.probability * holdout.won)) / (weights @ holdout.won)


@pytest.fixture
def new_metric(monkeypatch: pytest.MonkeyPatch) -> EvaluationMetric:
    """Metric registered by one entry in the table."""
    metric = EvaluationMetric("mean_of_wins", "mean of wins", mean_win_probability, format=".1f", unit="%")
    monkeypatch.setitem(METRICS, metric.name, metric)
    return metric


@pytest.fixture
def evaluation(new_metric: EvaluationMetric, holdout: Holdout) -> Evaluation:
    return evaluate(NAME, noisy_forecast(holdout), holdout)


def test_a_new_metric_is_in_the_model_card(new_metric: EvaluationMetric, evaluation: Evaluation) -> None:
    card = model_card(facts_of(make_bundle()) | figures_of({NAME: evaluation}, NAME))
    assert "| mean of wins % |" in card
    assert f"| {new_metric.text(evaluation.metrics['mean_of_wins'], with_interval=True)} |" in card


def test_a_new_metric_is_in_the_report(
    new_metric: EvaluationMetric,
    training: TrainingResult,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    forward = training.forward
    assert forward is not None
    for name, forecast in forward.forecasts.items():
        monkeypatch.setitem(forward.evaluations, name, evaluate(name, forecast, forward.holdout))
    assert training.random is not None
    monkeypatch.setitem(training.random.metrics, "mean_of_wins", Estimate(12.34, (11.0, 13.0)))
    show_training(training)
    report = capsys.readouterr().out
    own = forward.evaluations[NAME].metrics["mean_of_wins"]
    header = next(line for line in report.splitlines() if line.lstrip().startswith("model "))
    assert header.rstrip().endswith("mean of wins")
    unwrapped = " ".join(report.split())
    assert f"mean of wins {new_metric.text(own, with_interval=True)}" in unwrapped
    assert "mean of wins 12.3 [11.0, 13.0]" in unwrapped


def test_a_new_metric_is_logged_and_listed(
    new_metric: EvaluationMetric, evaluation: Evaluation, tmp_path: Path
) -> None:
    registry = make_registry(tmp_path)
    (tmp_path / "leadworth.toml").write_text('currency = "EUR"\n[leads]\npath = "leads.csv"\n', "utf-8")
    folder = make_bundle().save(tmp_path / "bundle")
    decision = without_evidence("too few wins", "wait")
    register(registry, folder, decision, metrics=metrics_of(evaluation), params={})
    estimate = evaluation.metrics["mean_of_wins"]
    assert estimate.interval is not None
    (version,) = registry.versions()
    assert version.metrics["mean_of_wins"] == pytest.approx(estimate.value)
    assert version.metrics["mean_of_wins_low"] == pytest.approx(estimate.interval[0])
    assert version.metrics["mean_of_wins_high"] == pytest.approx(estimate.interval[1])
    config = str(tmp_path / "leadworth.toml")
    output = CliRunner().invoke(app, ["list", "--config", config], env={"COLUMNS": "160"}).output
    assert "mean of wins" in output
    assert new_metric.text(estimate) in output
