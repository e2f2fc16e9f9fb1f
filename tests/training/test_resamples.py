"""Poisson bootstrap: the same weights for the same seed, statistics in parts, and parts of the leads."""

from __future__ import annotations

import numpy as np
import pytest

from training.resamples import Resamples


def test_the_spread_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(3).normal(5.0, 2.0, 4_000)
    means = Resamples.draw(4_000, seed=1, resamples=600).each(lambda weights: weights @ values / weights.sum(axis=1))
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(2.0 / np.sqrt(4_000), rel=0.1)


def test_weights_are_those_of_one_draw() -> None:
    expected = np.random.default_rng(7).poisson(1.0, (120, 50))
    np.testing.assert_array_equal(Resamples.draw(50, 7, 120).weights, expected)


def test_a_statistic_in_parts_is_that_of_all_resamples_at_once() -> None:
    resamples = Resamples.draw(40, seed=2, resamples=130)
    values = np.arange(40.0)
    np.testing.assert_array_equal(resamples.each(lambda weights: weights @ values), resamples.weights @ values)
    inside = values % 3 == 0
    np.testing.assert_array_equal(resamples.of(inside).weights, resamples.weights[:, inside])
