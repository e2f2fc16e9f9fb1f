"""Wilson interval: values of the specification, and the closed form."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(trials=st.integers(1, 10_000), share=st.floats(0, 1))
def test_the_closed_form(trials: int, share: float) -> None:
    hits, z = round(trials * share), 1.959963984540054
    part = hits / trials
    centre = (part + z * z / (2 * trials)) / (1 + z * z / trials)
    width = z * math.sqrt(part * (1 - part) / trials + z * z / (4 * trials**2)) / (1 + z * z / trials)
    assert share_interval(hits, trials) == pytest.approx((max(centre - width, 0), min(centre + width, 1)), abs=1e-9)


def test_without_trials_nothing_is_shown() -> None:
    assert share_interval(0, 0) == (0.0, 1.0)
    assert compare_with_bar(0, 0, 0.8) is BarVerdict.NOT_SHOWN
