"""Divergence: at most one false alarm a pair and year in simulation, and breaks are detected within weeks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.arrays import Vector
from reporting.statistics.divergence import BASE_DAYS, LIMIT, WATCH_DAYS, excursion, find_divergence

WEEK = np.array([1.25, 1.3, 1.25, 1.2, 1.1, 0.5, 0.4])
YEAR = 365
DELAY = 3


def series(generator: np.random.Generator, level: Vector, dispersion: float) -> Vector:
    """Draw counts with a weekly pattern, and variance `dispersion` times the mean."""
    mean = level * np.resize(WEEK, len(level))
    if dispersion <= 1.0:
        return generator.poisson(mean).astype(float)
    shape = mean / (dispersion - 1.0)
    return generator.poisson(generator.gamma(shape, dispersion - 1.0)).astype(float)


def alarms(leading: Vector, follower: Vector) -> list[int]:
    """Return the nights on which a divergence begins, looking every night with what was known then."""
    begun, active = [], False
    for night in range(BASE_DAYS + WATCH_DAYS + DELAY, len(leading) + 1):
        found = find_divergence(leading[:night], follower[:night], DELAY) is not None
        if found and not active:
            begun.append(night)
        active = found
    return begun


def levels(generator: np.random.Generator, days: int, start: float, drift: float) -> Vector:
    """Return a level that wanders slowly, as a market does: `drift` is its standard deviation over a year."""
    steps = generator.normal(0.0, drift / np.sqrt(YEAR), days)
    return start * np.exp(np.cumsum(steps))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leading", "follower", "dispersion", "drift"),
    [(2_000.0, 40.0, 1.0, 0.0), (300.0, 6.0, 1.5, 0.0), (60.0, 2.0, 2.5, 0.0), (2_000.0, 40.0, 3.0, 0.1)],
)
def test_at_most_one_false_alarm_a_pair_and_year(
    leading: float, follower: float, dispersion: float, drift: float
) -> None:
    generator = np.random.default_rng(11)
    days = YEAR + BASE_DAYS + WATCH_DAYS + DELAY
    pairs = 30
    total = 0
    for _ in range(pairs):
        first = series(generator, levels(generator, days, leading, drift), dispersion)
        second = series(generator, levels(generator, days, follower, drift), dispersion)
        total += len(alarms(first, second))
    assert total / pairs <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("leading", "follower", "rise", "fall", "within"),
    [(2_000.0, 40.0, 1.3, 0.7, 14), (300.0, 10.0, 1.5, 0.5, 21), (2_000.0, 40.0, 1.15, 0.8, 35)],
)
def test_visits_up_and_leads_down_are_detected(
    leading: float, follower: float, rise: float, fall: float, within: int
) -> None:
    generator = np.random.default_rng(7)
    change = BASE_DAYS + WATCH_DAYS + 60
    days = change + WATCH_DAYS
    delays = []
    for _ in range(20):
        up, down = np.full(days, leading), np.full(days, follower)
        up[change:] *= rise
        down[change + DELAY :] *= fall
        begun = [night for night in alarms(series(generator, up, 1.5), series(generator, down, 1.5)) if night > change]
        delays.append(begun[0] - change - DELAY if begun else 1_000)
    assert np.median(delays) <= within
    assert np.mean(np.array(delays) <= WATCH_DAYS) >= 0.9


def test_the_change_is_dated_and_sized() -> None:
    generator = np.random.default_rng(2)
    days = BASE_DAYS + WATCH_DAYS + DELAY
    up, down = np.full(days, 1_000.0), np.full(days, 30.0)
    up[-21 - DELAY :] *= 1.4
    down[-21:] *= 0.5
    found = find_divergence(series(generator, up, 1.0), series(generator, down, 1.0), DELAY)
    assert found is not None
    assert abs(found.start - (days - 21 - DELAY)) <= 2
    assert found.leading_change == pytest.approx(0.4, abs=0.05)
    assert found.follower_change == pytest.approx(-0.5, abs=0.12)


@pytest.mark.parametrize(("rise", "fall"), [(1.4, 1.4), (0.6, 0.6), (1.4, 1.0), (1.0, 0.6)])
def test_series_that_move_together_or_alone_do_not_diverge(rise: float, fall: float) -> None:
    generator = np.random.default_rng(3)
    days = BASE_DAYS + WATCH_DAYS
    up, down = np.full(days, 1_000.0), np.full(days, 30.0)
    up[-21:] *= rise
    down[-21:] *= fall
    assert find_divergence(series(generator, up, 1.0), series(generator, down, 1.0), 0) is None


def test_a_shift_of_the_weekdays_alone_is_seen_by_the_dispersion() -> None:
    flat = np.tile(np.full(7, 100.0), 18)
    result = excursion(flat, 1.0)
    assert result is not None
    assert (result.height, result.start, result.change) == (0.0, None, 0.0)


def test_series_that_are_short_or_nearly_empty_are_not_watched() -> None:
    enough = np.full(BASE_DAYS + WATCH_DAYS, 50.0)
    assert find_divergence(enough, enough, 1) is None
    assert find_divergence(enough, np.full(len(enough), 0.5), 0) is None
    assert find_divergence(np.zeros(len(enough)), enough, 0) is None


@pytest.mark.parametrize(("days", "delay"), [(100, 0), (126, -1)])
def test_series_of_other_days_are_refused(days: int, delay: int) -> None:
    with pytest.raises(ValueError, match="the same days"):
        find_divergence(np.ones(126), np.ones(days), delay)


@given(st.lists(st.integers(0, 10_000), min_size=126, max_size=140), st.sampled_from([1.0, -1.0]))
def test_any_counts_give_a_finite_height(counts: list[int], direction: float) -> None:
    result = excursion(np.array(counts, dtype=float), direction)
    assert result is None or (np.isfinite(result.height) and np.isfinite(result.change))
    assert LIMIT > 0
