"""Level of a forecast: intervals for few, unequal and drifting wins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from training.level import bounded_level, level_of, sum_interval


def test_equal_amounts_have_the_exact_poisson_interval() -> None:
    low, high = sum_interval(np.full(12, 3.0), 3.0)
    assert low == pytest.approx(3.0 * chi2.ppf(0.025, 24) / 2)
    assert high == pytest.approx(3.0 * chi2.ppf(0.975, 26) / 2)
    assert sum_interval(np.zeros(0)) == (0.0, pytest.approx(chi2.ppf(0.975, 2) / 2))


def test_the_interval_of_a_heavy_tailed_sum_covers_its_expectation() -> None:
    rng = np.random.default_rng(1)
    mean, spread = 80.0, 1.0
    expectation = mean * math.exp(spread**2 / 2)
    hits = 0
    for _ in range(400):
        low, high = sum_interval(rng.lognormal(0.0, spread, rng.poisson(mean)))
        hits += low <= expectation <= high
    assert 0.9 < hits / 400 <= 1.0


def test_the_ratio_covers_the_truth_and_few_wins_prove_nothing() -> None:
    rng = np.random.default_rng(2)
    probability = rng.uniform(0.02, 0.2, 3000)
    hits = [
        level.low <= 1.3 <= level.high
        for level in (level_of(1.3 * probability, (rng.random(3000) < probability).astype(float)) for _ in range(300))
    ]
    assert 0.92 < np.mean(hits) <= 1.0
    few = level_of(np.full(10, 0.9), np.concatenate([np.ones(4), np.zeros(6)]))
    assert few.ratio == pytest.approx(2.25)
    assert not few.too_high
    none = level_of(np.full(10, 0.1), np.zeros(10))
    assert (none.ratio, none.high, str(none)) == (math.inf, math.inf, "none seen")
    assert not none.too_high
    assert level_of(np.full(100, 0.5), np.zeros(100)).too_high


def test_windows_that_differ_beyond_chance_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    window = np.repeat(np.arange(5), 1000)
    steady = (rng.random(5000) < 0.1).astype(float)
    drifting = (rng.random(5000) < 0.1 * np.array([0.5, 0.75, 1.0, 1.25, 1.5])[window]).astype(float)
    predicted = np.full(5000, 0.1)
    alone, pooled = level_of(predicted, drifting), level_of(predicted, drifting, window)
    assert pooled.ratio == alone.ratio
    assert pooled.spread > 0.25
    assert pooled.high / pooled.low > 1.5 * alone.high / alone.low
    assert level_of(predicted, steady, window).spread < 0.15


def test_leads_that_are_still_open_may_be_won_or_lost() -> None:
    won = np.concatenate([np.ones(60), np.zeros(40)])
    assert bounded_level(200.0, won, still_open=0).too_high
    assert not bounded_level(200.0, won, still_open=200).too_high
    assert bounded_level(20.0, won, still_open=200).too_low
