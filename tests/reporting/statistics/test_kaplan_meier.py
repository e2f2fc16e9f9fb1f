"""Kaplan-Meier against scipy, a published table, the example of the specification, and exact times from bins."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from leadworth.arrays import Flags, Vector
from reporting.statistics.kaplan_meier import MEDIAN, P75, kaplan_meier, kaplan_meier_of_bins
from reporting.statistics.log_bins import bin_of_minutes

SPEC_DAYS = np.array([1, 2, 2, 3, 5, 8, 9, 12.0])
SPEC_HAPPENED = np.array([1, 1, 0, 1, 0, 1, 0, 0], dtype=bool)
LEUKAEMIA = [(6, 1), (6, 1), (6, 1), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1)]
LEUKAEMIA_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Remissions under 6-MP in weeks, Freireich et al. 1963."""
waits = st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=60)


def binned(minutes: Vector, chosen: Flags) -> Counter[int]:
    return Counter(bin_of_minutes(minutes[chosen]).tolist())


def test_the_example_of_the_specification() -> None:
    curve = kaplan_meier(SPEC_DAYS, SPEC_HAPPENED)
    assert curve.waiting == pytest.approx([0.875, 0.75, 0.6, 0.4])
    assert curve.first_time_at(MEDIAN) == 8.0
    assert curve.first_time_at(P75) is None
    assert np.median(SPEC_DAYS[SPEC_HAPPENED]) == 2.5  # what closed ones alone would say


def test_a_published_table() -> None:
    times = np.array([time for time, _ in LEUKAEMIA] + LEUKAEMIA_CENSORED, dtype=float)
    happened = np.array([True] * len(LEUKAEMIA) + [False] * len(LEUKAEMIA_CENSORED))
    curve = kaplan_meier(times, happened)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.waiting == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=0.0006)
    assert curve.first_time_at(MEDIAN) == 23


@given(rows=waits)
def test_the_curve_is_that_of_scipy(rows: list[tuple[int, bool]]) -> None:
    times = np.array([time for time, _ in rows], dtype=float)
    happened = np.array([event for _, event in rows])
    if not happened.any():
        assert len(kaplan_meier(times, happened).times) == 0
        return
    oracle = ecdf(CensoredData.right_censored(times, ~happened)).sf
    curve = kaplan_meier(times, happened)
    for time in range(62):
        assert curve.at(time) == pytest.approx(float(oracle.evaluate(time)), abs=1e-9)


def test_nothing_to_wait_for_is_no_median() -> None:
    nothing = kaplan_meier(np.zeros(0), np.zeros(0, dtype=bool))
    assert nothing.first_time_at(MEDIAN) is None
    assert nothing.at(3.0) == 1.0
    assert kaplan_meier_of_bins({}, {}).first_time_at(MEDIAN) is None


@pytest.mark.parametrize("seed", range(40))
def test_medians_from_bins_are_within_seven_percent(seed: int) -> None:
    generator = np.random.default_rng(seed)
    answer = generator.lognormal(generator.uniform(2.0, 7.0), generator.uniform(0.5, 2.0), 4_000)
    ended = generator.lognormal(8.0, 1.0, 4_000)
    minutes, touched = np.minimum(answer, ended), answer <= ended
    exact = kaplan_meier(minutes, touched)
    bins = kaplan_meier_of_bins(binned(minutes, touched), binned(minutes, ~touched))
    for share in (MEDIAN, P75):
        expected = exact.first_time_at(share)
        if expected is not None:
            assert bins.first_time_at(share) == pytest.approx(expected, rel=0.07)


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=50))
def test_a_median_of_answered_leads_is_within_half_a_bin(minutes: list[float]) -> None:
    times = np.array(minutes)
    exact = kaplan_meier(times, np.ones(len(times), dtype=bool)).first_time_at(MEDIAN)
    bins = kaplan_meier_of_bins(binned(times, np.ones(len(times), dtype=bool)), {})
    assert bins.first_time_at(MEDIAN) == pytest.approx(exact, rel=0.0355)
