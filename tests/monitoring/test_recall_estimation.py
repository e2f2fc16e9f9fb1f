"""Recall from selective labels: unbiased where the naive estimate is not."""

from __future__ import annotations

import math

import numpy as np

from monitoring.recall_estimation import Recall, recall


def world(seed: int, share: float = 0.05, rows: int = 20_000) -> tuple[Recall, float, float]:
    """Return the estimate, the naive estimate and the truth of a filter under which rejected leads get no labels."""
    rng = np.random.default_rng(seed)
    junk = rng.random(rows) < 0.3
    caught = rng.random(rows) < np.where(junk, 0.7, 0.01)
    passed = caught & (rng.random(rows) < share)
    labelled = (~caught | passed) & (rng.random(rows) < 0.5)
    propensity = np.where(caught, share, 1.0)
    estimate = recall(caught[labelled], propensity[labelled], junk[labelled], share)
    naive = (caught & labelled & junk).sum() / (labelled & junk).sum()
    return estimate, float(naive), float((caught & junk).sum() / junk.sum())


def test_it_is_unbiased_where_the_naive_one_is_not() -> None:
    worlds = [world(seed) for seed in range(40)]
    errors = [estimate.value - truth for estimate, _, truth in worlds]
    assert abs(np.mean(errors)) < 0.01
    assert all(naive < 0.2 for _, naive, _ in worlds)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    inside = [estimate.low <= truth <= estimate.high for estimate, _, truth in map(world, range(300))]
    assert 0.91 < np.mean(inside) < 0.99


def test_without_junk_nothing_is_claimed() -> None:
    none = np.zeros(5, dtype=bool)
    estimate = recall(none, np.ones(5), none, 1.0)
    assert math.isnan(estimate.value)
    assert "not known yet" in str(estimate)


def test_one_side_alone_is_bounded() -> None:
    caught = np.array([True] * 50 + [False] * 50)
    only = recall(caught, np.where(caught, 0.1, 1.0), caught, 0.1)
    assert (only.value, only.high) == (1.0, 1.0)
    assert only.low < 1.0
    missed = recall(caught, np.where(caught, 0.1, 1.0), ~caught, 0.1)
    assert missed.value == 0.0 < missed.high < 1.0
    never_passed = recall(caught, np.where(caught, 0.0, 1.0), ~caught, 0.0)
    assert (never_passed.value, never_passed.high) == (0.0, 1.0)
