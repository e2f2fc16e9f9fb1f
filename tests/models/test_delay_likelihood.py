"""Fit of the time to win: recovery of known distributions from truncated wins."""

from __future__ import annotations

import numpy as np
import pytest

from models.delay_likelihood import MISFIT, WinDelays, fit_delay
from models.time_to_win import TimeToWin

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
    fit = fit_delay(WinDelays(delay, age, size, channel), HORIZON)
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
    right = fit_delay(WinDelays(delay, age, size, channel), HORIZON).quantile(0.5)
    naive = fit_delay(WinDelays(delay, np.full(len(age), np.nan), size, channel), HORIZON).quantile(0.5)
    assert naive < 0.9 * right


def test_wins_without_revenue_or_channel_still_give_a_delay() -> None:
    delay, age, size, _ = seen_wins(3, "weibull", 300)
    fit = fit_delay(WinDelays(delay, age, np.full(len(size), np.nan), None), HORIZON)
    assert fit.slope == 0.0
    assert not fit.channels
    assert 20.0 < fit.quantile(0.5) < 150.0


def no_covariates(delay: np.ndarray, age: np.ndarray) -> WinDelays:
    """Return the wins visible at the snapshot, without size and channel."""
    there = delay <= np.minimum(age, HORIZON)
    return WinDelays(delay[there], age[there], np.full(int(there.sum()), np.nan), None)


def test_two_speeds_are_found_where_there_are_two() -> None:
    rng = np.random.default_rng(4)
    quick = rng.random(3000) < 0.5
    delay = np.where(quick, np.exp(rng.normal(2.3, 0.5, 3000)), np.exp(rng.normal(5.0, 0.3, 3000)))
    wins = no_covariates(delay, rng.uniform(0.0, 600.0, 3000))
    fit = fit_delay(wins, HORIZON)
    assert fit.second is not None
    assert wins.misfit(fit) < MISFIT
    days = np.array([15.0, 60.0, 150.0])
    truth = (delay[:, None] <= days).mean(axis=0) / (delay <= HORIZON).mean()
    np.testing.assert_allclose(fit.seen(days, np.full(3, np.nan), age_days=np.zeros(3)), truth, atol=0.05)


def test_one_speed_stays_one() -> None:
    rng = np.random.default_rng(5)
    wins = no_covariates(np.exp(rng.normal(4.0, 0.8, 2000)), rng.uniform(0.0, 600.0, 2000))
    assert fit_delay(wins, HORIZON).second is None


def test_delays_that_become_shorter_from_year_to_year() -> None:
    rng = np.random.default_rng(6)
    age = rng.uniform(0.0, 900.0, 6000)
    wins = no_covariates(60.0 * np.exp(0.6 * age / 365.25 + rng.normal(0.0, 0.6, 6000)), age)
    fit = fit_delay(wins, HORIZON)
    assert fit.per_year == pytest.approx(0.6, abs=0.15)
    assert fit.intercept == pytest.approx(np.log(60.0), abs=0.15)


def test_misfit_is_that_of_chance_under_the_right_distribution_only() -> None:
    right = TimeToWin("lognormal", 4.0, 0.0, 0.8, {}, HORIZON)
    wrong = TimeToWin("lognormal", 4.3, 0.0, 0.8, {}, HORIZON)
    below = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        wins = no_covariates(np.exp(rng.normal(4.0, 0.8, 800)), rng.uniform(0.0, 600.0, 800))
        below += wins.misfit(right) < 1.36
        assert wins.misfit(wrong) > 2.0
    assert below >= 35  # 1.36 is the 95 % quantile of Kolmogorov's distribution


def test_without_wins_the_misfit_is_zero() -> None:
    none = np.zeros(0)
    assert WinDelays(none, none, none, None).misfit(TimeToWin("weibull", 4.0, 0.0, 1.0, {}, HORIZON)) == 0.0
