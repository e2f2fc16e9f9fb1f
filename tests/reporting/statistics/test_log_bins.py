"""Logarithmic bins: five minutes are an edge, ten bins double the time, the middle is near every duration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.log_bins import LOWEST_BIN, bin_of_minutes, counts_under, minutes_of_bin


@given(st.floats(0.09, 1e7))
def test_the_middle_of_a_bin_is_within_four_percent(minutes: float) -> None:
    middle = minutes_of_bin(bin_of_minutes(np.array([minutes])))[0]
    assert middle == pytest.approx(minutes, rel=0.0355)


@given(st.floats(0.1, 1e6))
def test_ten_bins_double_the_time(minutes: float) -> None:
    first, second = bin_of_minutes(np.array([minutes, 2 * minutes])).tolist()
    assert second - first == 10


@given(st.lists(st.floats(0.0, 100.0), max_size=40))
def test_the_count_below_five_minutes_is_exact(minutes: list[float]) -> None:
    minutes = [value for value in minutes if not 4.999999 < value < 5.0]
    bins = bin_of_minutes(np.array(minutes)).tolist() if minutes else []
    counts = {position: bins.count(position) for position in bins}
    assert counts_under(5.0, counts) == sum(value < 5.0 for value in minutes)


def test_nothing_is_below_the_lowest_bin() -> None:
    assert bin_of_minutes(np.array([0.0, 1e-12, -1.0])).tolist() == [LOWEST_BIN] * 3
