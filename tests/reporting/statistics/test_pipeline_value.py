"""Weighted pipeline: the example of the specification, and stage probabilities with open and lost deals."""

from __future__ import annotations

from reporting.statistics.pipeline_value import stage_probabilities, weighted_pipeline


def test_the_example_of_the_specification() -> None:
    assert weighted_pipeline([10_000, 40_000], ["a", "b"], {"a": 0.2, "b": 0.5}) == (22_000.0, 0)


def test_a_deal_in_a_stage_without_a_probability_is_counted_apart() -> None:
    assert weighted_pipeline([10_000, 5.0], ["a", "new"], {"a": 0.2}) == (2_000.0, 1)
    assert weighted_pipeline([], [], {}) == (0.0, 0)


def test_stage_probabilities_are_the_share_of_wins_of_complete_cohorts() -> None:
    assert stage_probabilities({"sql": 40, "quoted": 16, "won": 8, "lost": 30}) == {"sql": 0.2, "quoted": 0.5}


def test_no_probability_below_ten_exits() -> None:
    assert stage_probabilities({"sql": 40, "quoted": 16, "won": 4, "lost": 5}) == {}
    assert stage_probabilities({"sql": 40, "quoted": 9, "won": 8, "lost": 30}) == {"sql": 0.2}
    assert stage_probabilities({}) == {}
