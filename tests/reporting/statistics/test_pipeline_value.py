"""Weighted pipeline: the example of the specification, and stage probabilities with open and lost deals."""

from __future__ import annotations

import numpy as np
import pytest

from reporting.statistics.pipeline_value import stage_probability, weighted_pipeline


def test_the_example_of_the_specification() -> None:
    assert weighted_pipeline([10_000, 40_000], ["a", "b"], {"a": 0.2, "b": 0.5}) == (22_000.0, 0)


def test_a_deal_in_a_stage_without_a_probability_is_counted_apart() -> None:
    assert weighted_pipeline([10_000, 5.0], ["a", "new"], {"a": 0.2}) == (2_000.0, 1)
    assert weighted_pipeline([], [], {}) == (0.0, 0)


def test_stage_probabilities_count_open_deals() -> None:
    generator = np.random.default_rng(5)
    won = generator.random(5_000) < 0.3
    closing, age = generator.exponential(60.0, 5_000), generator.uniform(0.0, 600.0, 5_000)
    is_open = age < closing
    exits = np.where(is_open, 0, np.where(won, 1, 2))
    share = stage_probability(np.minimum(closing, age), exits)
    assert share == pytest.approx(0.3, abs=0.02)


def test_no_probability_below_ten_exits() -> None:
    assert stage_probability(np.arange(1.0, 30.0), np.array([1] * 9 + [0] * 20)) is None
