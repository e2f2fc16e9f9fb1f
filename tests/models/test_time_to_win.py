"""Time to win: recovery of known distributions from truncated wins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import lognorm, weibull_min

from models.time_to_win import TimeToWin, fit_delay

HORIZON = 365.0


def seen_wins(seed: int, draw: str, wins: int = 4000) -> tuple[np.ndarray, ...]:
    """Return delays, ages, log sizes and channels of the wins that came before the snapshot."""
    rng = np.random.default_rng(seed)
    size, channel = rng.normal(8.0, 1.0, wins), rng.integers(0, 3, wins).astype(float)
    noise = np.log(rng.weibull(1.0, wins)) if draw == "weibull" else rng.normal(size=wins)
    delay = np.exp(np.log(60.0) + 0.3 * (size - 8.0) + 0.4 * (channel == 1) + noise / 1.5)
    age = rng.uniform(0.0, 500.0, wins)
    there = delay <= np.minimum(age, HORIZON)
    return delay[there], age[there], size[there], channel[there]


@pytest.mark.parametrize("family", ["weibull", "lognormal"])
def test_parameters_are_recovered_from_truncated_wins(family: str) -> None:
    delay, age, size, channel = seen_wins(1, family)
    fit = fit_delay(delay, age, size, channel, HORIZON)
    assert fit.family == family
    assert fit.scale == pytest.approx(1 / 1.5, rel=0.06)
    assert fit.slope / fit.size_spread == pytest.approx(0.3, abs=0.05)
    assert fit.channels[1] - 0.5 * (fit.channels[0] + fit.channels[2]) == pytest.approx(0.4, abs=0.1)
    level = fit.intercept + fit.slope * (8.0 - fit.size_center) / fit.size_spread + fit.channels[0]
    assert level == pytest.approx(np.log(60.0), abs=0.12)


def test_ignoring_truncation_would_be_too_quick() -> None:
    delay, age, size, channel = seen_wins(2, "weibull")
    young = age < 250.0
    delay, age, size, channel = delay[young], age[young], size[young], channel[young]
    right = fit_delay(delay, age, size, channel, HORIZON).quantile(0.5)
    naive = fit_delay(delay, np.full(len(age), np.nan), size, channel, HORIZON).quantile(0.5)
    assert naive < 0.9 * right


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


def test_wins_without_revenue_or_channel_still_give_a_delay() -> None:
    delay, age, size, _ = seen_wins(3, "weibull", 300)
    fit = fit_delay(delay, age, np.full(len(size), np.nan), None, HORIZON)
    assert fit.slope == 0.0
    assert not fit.channels
    assert 20.0 < fit.quantile(0.5) < 150.0
