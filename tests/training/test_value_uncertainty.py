"""Intervals of sums of values."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from training.backtest import Backtest
from training.level import ForecastLevel
from training.pipeline import TrainingResult
from training.value_uncertainty import value_intervals


@pytest.fixture
def result(training: TrainingResult) -> Backtest:
    assert training.backtest is not None
    return training.backtest


def _level(ratio: float, error: float, spread: float = 0.0) -> ForecastLevel:
    return ForecastLevel(100.0 * ratio, 100.0, 0.0, 9.0, spread=spread, error=error)


def test_the_bundle_has_the_intervals(training: TrainingResult, result: Backtest) -> None:
    intervals = training.bundle.meta.intervals
    report = training.report
    assert intervals == value_intervals(result, math.hypot(report.level_error, report.deal_size_error))
    assert intervals is not None
    assert set(intervals.channels) <= set(result.channels)
    assert intervals.total.low < 1.0 < intervals.total.high


def test_a_level_that_was_measured_exactly_moves_the_interval(result: Backtest) -> None:
    exact = value_intervals(replace(result, money=_level(1.25, 0.001), channels={})).total
    vague = value_intervals(replace(result, money=_level(1.25, 5.0), channels={})).total
    assert math.sqrt(exact.low * exact.high) == pytest.approx(0.8, abs=0.001)
    assert math.sqrt(vague.low * vague.high) == pytest.approx(1.0, abs=0.01)
    assert vague.high / vague.low > exact.high / exact.low


def test_periods_and_channels_that_differ_are_less_certain(result: Backtest) -> None:
    def width(**changed: object) -> float:
        total = value_intervals(replace(result, **{"channels": {}, **changed})).total  # type: ignore[arg-type]
        return total.high / total.low

    assert width(money=_level(1.0, 0.1, spread=0.3)) > width(money=_level(1.0, 0.1))
    channels = {
        "search": _level(1.0, 0.1),
        "fair": _level(3.0, 0.1),
        "rare": ForecastLevel(5.0, 0.0, 0.5, math.inf, error=math.inf),
    }
    intervals = value_intervals(replace(result, money=_level(1.0, 0.05), channels=channels))
    assert intervals.channels["fair"].high < intervals.channels["search"].low
    assert "rare" not in intervals.channels
    other = intervals.of_channel("rare")
    assert other.high / other.low > intervals.total.high / intervals.total.low


def test_few_or_very_different_wins_of_the_training_widen_the_interval(result: Backtest) -> None:
    exact = replace(result, money=_level(1.0, 0.001), channels={})
    certain, lucky = value_intervals(exact).total, value_intervals(exact, 0.4).total
    assert certain.high < 1.2
    assert lucky.high == pytest.approx(math.exp(1.645 * math.hypot(0.4, 0.08)), rel=0.01)


def test_without_wins_the_prior_remains(result: Backtest) -> None:
    nothing = ForecastLevel(10.0, 0.0, 2.0, math.inf, error=math.inf)
    total = value_intervals(replace(result, money=nothing, channels={})).total
    assert total.low < 1.0 < total.high
