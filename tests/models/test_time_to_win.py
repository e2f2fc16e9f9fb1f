"""Time to win: the distribution of given parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import lognorm, weibull_min

from models.time_to_win import SecondSpeed, TimeToWin

HORIZON = 365.0


def test_distribution_function_is_that_of_scipy() -> None:
    days, none = np.array([1.0, 30.0, 200.0]), np.zeros(3)
    weibull = TimeToWin("weibull", np.log(50.0), 0.0, 0.5, {}, HORIZON)
    expected = weibull_min.cdf(days, 2.0, scale=50.0) / weibull_min.cdf(HORIZON, 2.0, scale=50.0)
    np.testing.assert_allclose(weibull.seen(days, none), expected, rtol=1e-9)
    normal = TimeToWin("lognormal", np.log(50.0), 0.0, 0.8, {}, HORIZON)
    expected = lognorm.cdf(days, 0.8, scale=50.0) / lognorm.cdf(HORIZON, 0.8, scale=50.0)
    np.testing.assert_allclose(normal.seen(days, none), expected, rtol=1e-9)


def test_average_over_sizes_is_that_of_many_draws() -> None:
    delay = TimeToWin("lognormal", 4.0, 0.5, 0.6, {}, HORIZON, size_center=8.0, size_spread=1.0)
    days, rng = np.full(1, 70.0), np.random.default_rng(0)
    sizes = rng.normal(8.2, 0.7, 200_000)
    seen = delay.seen(np.full(len(sizes), 70.0), sizes)
    share, tilt = delay.expected(days, np.full(1, 8.2), 0.7)
    assert share[0] == pytest.approx(seen.mean(), abs=0.004)
    money = np.exp(sizes)
    assert tilt[0] == pytest.approx((money * (1 - seen)).sum() / (1 - seen).sum() / money.mean(), rel=0.02)
    assert tilt[0] > 1.0


@given(
    age=st.floats(0.0, 1000.0) | st.just(float("nan")),
    size=st.floats(-50.0, 50.0) | st.just(float("nan")),
    slope=st.floats(-2.0, 2.0),
    scale=st.floats(0.05, 5.0),
    family=st.sampled_from(["weibull", "lognormal"]),
)
def test_share_seen_is_a_share_for_any_lead(age: float, size: float, slope: float, scale: float, family: str) -> None:
    delay = TimeToWin(family, 4.0, slope, scale, {2: 0.5}, HORIZON)  # type: ignore[arg-type]
    for channel in (None, np.array([2.0]), np.array([np.nan])):
        share = delay.seen(np.array([age]), np.array([size]), channel)
        assert 0.0 <= share[0] <= 1.0
    if age >= HORIZON or np.isnan(age):
        assert share[0] == pytest.approx(1.0)


def test_two_speeds_are_mixed_and_delays_change_with_the_age_of_the_lead() -> None:
    days, none = np.array([5.0, 60.0, 300.0]), np.zeros(3)
    two = TimeToWin("lognormal", np.log(10.0), 0.0, 0.5, {}, HORIZON, second=SecondSpeed(0.3, np.log(15.0), 0.4))
    full = 0.7 * lognorm.cdf([*days, HORIZON], 0.5, scale=10.0) + 0.3 * lognorm.cdf([*days, HORIZON], 0.4, scale=150.0)
    np.testing.assert_allclose(two.seen(days, none), full[:3] / full[3], rtol=1e-9)
    yearly = TimeToWin("lognormal", np.log(50.0), 0.0, 0.8, {}, HORIZON, per_year=0.5)
    slower = TimeToWin("lognormal", np.log(50.0) + 1.0, 0.0, 0.8, {}, HORIZON)
    old = np.full(3, 2 * 365.25)
    np.testing.assert_allclose(yearly.seen(days, none, age_days=old), slower.seen(days, none), rtol=1e-9)


def test_quantiles_are_those_of_all_sizes() -> None:
    delay = TimeToWin("lognormal", np.log(50.0), 0.8, 0.5, {}, 2000.0, size_center=8.0, size_spread=1.0)
    total = np.sqrt(0.8**2 + 0.5**2)
    expected = lognorm.ppf(0.95 * lognorm.cdf(2000.0, total, scale=50.0), total, scale=50.0)
    assert delay.quantile(0.95) == pytest.approx(expected, rel=0.03)
