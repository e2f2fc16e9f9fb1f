"""Metrics and tags of a registered version."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from leadworth.errors import RegistryError
from models.model_registry import CHAMPION
from tests.make_bundle import make_bundle
from tests.make_registry import make_registry
from tests.training.holdouts import noisy_forecast
from training.evaluation import evaluate
from training.evaluation_metrics import METRICS, Estimate
from training.gate_rules import GateDecision, GateRule
from training.holdout import Holdout
from training.level import ForecastLevel
from training.pipeline import TrainingResult
from training.registration import backtest_metrics, champion_of, metrics_of, register


def test_metrics_have_the_ends_of_their_intervals(holdout: Holdout) -> None:
    evaluation = evaluate("model", noisy_forecast(holdout), holdout)
    logged = metrics_of(evaluation, "random_")
    ends = {f"random_{name}{end}" for name in METRICS for end in ("", "_low", "_high")}
    assert set(logged) == ends | {"random_leads", "random_wins"}
    assert logged["random_leads"] == len(holdout)
    assert logged["random_auc_low"] < logged["random_auc"] < logged["random_auc_high"]


def test_metrics_of_a_backtest_have_intervals_and_no_infinity(training: TrainingResult) -> None:
    assert training.backtest is not None
    logged = backtest_metrics(training.backtest)
    assert logged["backtest_wins_ratio_low"] < logged["backtest_wins_ratio"] < logged["backtest_wins_ratio_high"]
    assert logged["backtest_windows"] >= 3
    nothing_seen = replace(training.backtest, wins=ForecastLevel(3.0, 0.0, 0.8, math.inf))
    assert {"backtest_wins_ratio", "backtest_wins_ratio_high"}.isdisjoint(backtest_metrics(nothing_seen))


def test_metrics_that_are_not_finite_are_left_out(holdout: Holdout) -> None:
    evaluation = evaluate("model", noisy_forecast(holdout), holdout)
    estimates = {"money_ratio": Estimate(float("inf"), (float("nan"), float("nan"))), "auc": Estimate(0.7)}
    assert set(metrics_of(replace(evaluation, metrics=estimates))) == {"leads", "wins", "auc"}


def test_only_a_version_that_passed_the_gate_is_promoted(tmp_path: Path) -> None:
    registry = make_registry(tmp_path)
    assert champion_of(registry) is None
    with pytest.raises(RegistryError, match=r"no version of leadworth is registered.*run `leadworth train`"):
        registry.resolve(CHAMPION)
    for seed, passed, champion in ((1, False, None), (2, True, "2"), (3, False, "2")):
        folder = make_bundle(seed=seed).save(tmp_path / f"bundle-{seed}")
        rule = GateRule(passed, "no signal: AUC 0.5", do="add columns")
        decision = GateDecision((rule,), champion_of(registry))
        registered = register(registry, folder, decision, metrics={}, params={"features": 3})
        assert registered.promoted == passed
        assert champion_of(registry) == champion
        if champion is None:
            with pytest.raises(
                RegistryError, match=r"did not pass the promotion gate: no signal; what to do: add columns"
            ) as caught:
                registry.resolve(CHAMPION)
            assert "`leadworth models promote 1 --force" in caught.value.do
    version = registry.versions()[0]
    assert version.tags["gate"] == "failed"
    assert version.tags["gate_champion"] == "2"
    assert version.params["features"] == "3"


def test_a_version_that_was_not_compared_with_the_present_champion_stays_challenger(tmp_path: Path) -> None:
    """Two trainings at once: the second one ends when the first one's version is champion."""
    registry = make_registry(tmp_path)
    passed = GateDecision((GateRule(True, "the level is right: 1.0"),), champion_of(registry))
    made = [
        register(registry, make_bundle(seed=seed).save(tmp_path / f"bundle-{seed}"), passed, metrics={}, params={})
        for seed in (1, 2)
    ]
    assert [version.promoted for version in made] == [True, False]
    assert made[1].before == champion_of(registry) == "1"
    assert registry.versions()[0].tags["gate_champion"] == ""
