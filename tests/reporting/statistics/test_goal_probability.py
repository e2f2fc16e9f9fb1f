"""Revenue draws: moments in closed form, cells against single leads, seeds, and speed with 100,000 leads."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from reporting.statistics import goal_probability
from reporting.statistics.goal_probability import (
    Calibration,
    OpenLeadChances,
    RevenueUncertainty,
    count_reach_probability,
    reach_probability,
    revenue_draws,
)

CERTAIN = RevenueUncertainty((Calibration(), Calibration(), Calibration()), value_cv=0.7)


def open_leads(size: int, seed: int = 0) -> OpenLeadChances:
    generator = np.random.default_rng(seed)
    return OpenLeadChances(
        generator.beta(1.0, 12.0, size), generator.lognormal(9.0, 0.8, size), generator.integers(0, 3, size)
    )


@pytest.mark.parametrize("size", [50, 5_000])
def test_mean_and_variance_are_those_of_independent_leads(size: int) -> None:
    leads = open_leads(size)
    drawn = revenue_draws(leads, CERTAIN, seed=3)
    p, value = leads.win_probability, leads.win_value
    variance = (p * value**2 * (1 + 0.7**2) - (p * value) ** 2).sum()
    assert drawn.mean() == pytest.approx((p * value).sum(), rel=4 * math.sqrt(variance / 10_000) / (p * value).sum())
    assert drawn.std() == pytest.approx(math.sqrt(variance), rel=0.05)


def test_cells_have_the_distribution_of_single_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    leads = open_leads(1_500, seed=4)
    cells = revenue_draws(leads, CERTAIN, seed=1)
    monkeypatch.setattr(goal_probability, "EXACT_UP_TO", 2_000)
    single = revenue_draws(leads, CERTAIN, seed=2)
    for share in (0.05, 0.1, 0.5, 0.9, 0.95):
        assert np.quantile(cells, share) == pytest.approx(np.quantile(single, share), rel=0.03)


def test_one_factor_for_a_channel_widens_what_many_leads_bring() -> None:
    leads = open_leads(20_000)
    spread = RevenueUncertainty((Calibration(log_sd=0.3),) * 3, value_cv=0.7)
    shared = RevenueUncertainty((Calibration(),) * 3, value_cv=0.7, common_sd=0.3)
    deviations = [revenue_draws(leads, item, seed=1).std() for item in (CERTAIN, spread, shared)]
    assert deviations[0] < deviations[1] / 3 < deviations[2] / 3


def test_the_same_seed_gives_the_same_draws() -> None:
    leads = open_leads(400)
    first, again, other = (revenue_draws(leads, CERTAIN, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_hundred_thousand_leads_take_seconds() -> None:
    leads = open_leads(100_000)
    began = time.perf_counter()
    revenue_draws(leads, CERTAIN, seed=1)
    assert time.perf_counter() - began < 10.0


def test_no_leads_bring_nothing() -> None:
    nothing = OpenLeadChances(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))
    assert revenue_draws(nothing, CERTAIN, seed=1).max() == 0.0
    certain = OpenLeadChances(np.zeros(3), np.ones(3), np.zeros(3, dtype=np.int64))
    assert revenue_draws(certain, CERTAIN, seed=1).max() == 0.0


def test_the_probability_to_reach_a_goal_is_the_share_of_draws() -> None:
    leads = open_leads(2_000)
    drawn = revenue_draws(leads, CERTAIN, seed=1)
    assert reach_probability(0.0, 0.0, drawn) == 1.0
    assert reach_probability(float(np.quantile(drawn, 0.42)) + 5.0, 5.0, drawn) == pytest.approx(0.58, abs=0.001)


def test_the_probability_of_a_count_is_that_of_a_simulated_year() -> None:
    generator = np.random.default_rng(0)
    rates = generator.gamma(400.0, 1.0, 200_000)  # rates that may have given 400 in the first half
    rest = generator.poisson(rates)
    expected = float(np.mean(400 + rest >= 820))
    assert count_reach_probability(820, 400, 0.5) == pytest.approx(expected, abs=0.01)


def test_the_probability_of_a_count_at_the_ends_of_a_period() -> None:
    assert count_reach_probability(10, 0, 0.0) is None
    assert count_reach_probability(10, 9, 1.0) == 0.0
    assert count_reach_probability(10, 10, 1.0) == 1.0
    assert count_reach_probability(10, 0, 0.5) == 0.0
    assert count_reach_probability(10, 12, 0.5) == 1.0
