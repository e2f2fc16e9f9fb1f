"""Returns of channels from their sums."""

from __future__ import annotations

import math

import pytest

from reporting.views.channel_returns import channel_return, revenue_interval, value_variation
from reporting.views.metric_inputs import ScopeSums

SPEND = {"converted_micros": 50_000_000, "impressions": 0, "clicks": 0, "searched_impressions": 0}


def test_seen_and_predicted_per_unit_of_spend() -> None:
    leads = {"leads": 40, "won": 1, "revenue_micros": 100_000_000}
    leads |= {"open_win_ppm": 1_500_000, "open_value_micros": 50_000_000}
    returned = channel_return(ScopeSums(leads, SPEND), 0.2, 0.7)
    assert (returned.leads, returned.wins, returned.seen, returned.predicted) == (40.0, 2.5, 100.0, 50.0)
    assert returned.per_unit == 3.0
    assert (returned.value_cv, returned.tau) == (0.7, 0.2)  # one win says nothing of the variation


@pytest.mark.parametrize("amount", [0, -5_000_000])
def test_spend_that_is_not_positive_has_no_return(amount: int) -> None:
    returned = channel_return(ScopeSums({"leads": 1}, {**SPEND, "converted_micros": amount}), 0.2, 1.0)
    assert returned.spend == 0.0
    assert math.isnan(returned.per_unit)
    assert math.isnan(channel_return(ScopeSums(), 0.2, 1.0).per_unit)


def test_equal_deals_do_not_vary() -> None:
    equal = {"won": 4, "revenue_micros": 40_000_000, "revenue_squares": 400}
    assert value_variation(equal) == pytest.approx(0.0)
    assert value_variation({}) == value_variation({"won": 1, "revenue_micros": 9_000_000, "revenue_squares": 81}) == 1.0


def test_the_interval_is_the_revenue_where_nothing_is_open() -> None:
    assert revenue_interval({"revenue_micros": 7_000_000}, 0.3, 1.0) == (7.0, 7.0)
    assert revenue_interval({}, 0.3, 1.0) == (0.0, 0.0)
    open_ = {"open_win_ppm": 5_000_000, "open_win_squares_ppm": 1_000_000, "open_value_micros": 50_000_000}
    low, high = revenue_interval({"revenue_micros": 7_000_000, **open_}, 0.3, 1.0)
    assert 7.0 <= low < 57.0 < high
