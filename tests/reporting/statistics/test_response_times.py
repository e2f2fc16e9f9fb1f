"""Response times: untouched leads are open, the share within five minutes is one of all leads."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.log_bins import bin_of_minutes
from reporting.statistics.response_times import response_times, response_times_of_bins

leads = st.lists(st.tuples(st.floats(0.1, 50_000.0), st.booleans()), max_size=60)


def test_leads_that_nobody_touched_keep_the_median_from_being_reached() -> None:
    minutes = np.array([3.0, 10.0, 5_000.0, 5_000.0, 5_000.0])
    result = response_times(minutes, np.array([True, True, False, False, False]))
    assert (result.untouched, result.median_minutes, result.within_5) == (3, None, 0.2)


def test_a_young_untouched_lead_does_not_count_as_slow() -> None:
    minutes = np.array([20.0, 30.0, 40.0, 1.0, 1.0, 1.0])
    result = response_times(minutes, np.array([True, True, True, False, False, False]))
    assert result.median_minutes == 30.0


def test_no_leads_have_no_times() -> None:
    result = response_times(np.zeros(0), np.zeros(0, dtype=bool))
    assert (result.leads, result.median_minutes, result.within_5) == (0, None, None)
    assert response_times_of_bins({}, {}) == result


@given(rows=leads)
def test_counts_from_bins_are_exact(rows: list[tuple[float, bool]]) -> None:
    rows = [row for row in rows if not 4.999999 < row[0] < 5.0]
    minutes, touched = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=bool)
    exact = response_times(minutes, touched)
    bins = [Counter(bin_of_minutes(minutes[chosen]).tolist()) for chosen in (touched, ~touched)]
    rough = response_times_of_bins(*bins)
    assert (rough.leads, rough.untouched) == (exact.leads, exact.untouched)
    assert rough.within_5 == pytest.approx(exact.within_5)
