"""Wilson interval: values of the specification, and those of scipy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from reporting.statistics.share_interval import BarVerdict, compare_with_bar, share_interval


@pytest.mark.parametrize(
    ("hits", "trials", "interval", "verdict"),
    [
        (41, 50, (69, 90), BarVerdict.NOT_SHOWN),
        (440, 500, (85, 91), BarVerdict.ABOVE),
        (355, 500, (67, 75), BarVerdict.BELOW),
    ],
)
def test_mql_to_sql_of_the_specification(
    hits: int, trials: int, interval: tuple[int, int], verdict: BarVerdict
) -> None:
    assert tuple(round(100 * end) for end in share_interval(hits, trials)) == interval
    assert compare_with_bar(hits, trials, 0.8) is verdict


@given(trials=st.integers(1, 10_000), share=st.floats(0, 1), certainty=st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_is_that_of_scipy(trials: int, share: float, certainty: float) -> None:
    hits = round(trials * share)
    interval = binomtest(hits, trials).proportion_ci(confidence_level=certainty, method="wilson")
    assert share_interval(hits, trials, certainty) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_without_trials_nothing_is_shown() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)
    assert compare_with_bar(0, 0, 0.8) is BarVerdict.NOT_SHOWN
