"""80 % interval of cohort revenue: it covers the truth in 75 to 85 % of 200 simulated cohorts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from reporting.statistics.channel_comparison import tau_of_record
from reporting.statistics.cohort_interval import PredictedSums, cohort_interval, interval_of_sums
from reporting.statistics.goal_probability import Calibration, OpenLeadChances, RevenueUncertainty

COHORTS = 200
RECORD = 24
LEVEL_SD = (0.15, 0.25, 0.35)
DEAL_CV = 0.8
VALUE_LOG_SD = 0.6
ALL_DEALS_CV = math.sqrt((1 + DEAL_CV**2) * math.exp(VALUE_LOG_SD**2) - 1)
"""Of all deals of a channel: around their prediction, and of predictions around their mean."""


@dataclass(frozen=True)
class SimulatedCohort:
    """A cohort whose true revenue is known: probabilities are off by one factor a channel, deals are log-normal."""

    leads: OpenLeadChances
    revenue: np.ndarray


def cohort(generator: np.random.Generator) -> SimulatedCohort:
    size = 900
    channel = generator.integers(0, 3, size)
    p = generator.beta(2.0, np.array([18.0, 30.0, 60.0])[channel])
    value = generator.lognormal(8.5, VALUE_LOG_SD, size)
    factor = np.exp(generator.normal(0.0, LEVEL_SD))
    won = generator.random(size) < np.minimum(p * factor[channel], 1.0)
    sigma = math.sqrt(math.log1p(DEAL_CV**2))
    deals = value * generator.lognormal(-(sigma**2) / 2, sigma, size) * won
    return SimulatedCohort(OpenLeadChances(p, value, channel), np.bincount(channel, deals, minlength=3))


def channel_sums(leads: OpenLeadChances, number: int) -> tuple[float, float, float]:
    own = leads.channel == number
    p, value = leads.win_probability[own], leads.win_value[own]
    return float(p.sum()), float((p * (1 - p)).sum()), float((p * value).sum())


def recorded_taus(record: list[SimulatedCohort]) -> list[float]:
    """Return tau of each channel from past cohorts, as the page has it: what was said, what came, luck subtracted."""
    taus = []
    for number in range(3):
        said = [channel_sums(past.leads, number)[2] for past in record]
        came = [float(past.revenue[number]) for past in record]
        wins = [channel_sums(past.leads, number)[0] for past in record]
        taus.append(tau_of_record(said, came, [(1.0 - 0.05 + ALL_DEALS_CV**2) / count for count in wins]))
    return taus


@pytest.mark.slow
def test_coverage_over_200_cohorts() -> None:
    generator = np.random.default_rng(0)
    covered = 0
    for number in range(COHORTS):
        record = [cohort(generator) for _ in range(RECORD)]
        calibrations = tuple(Calibration(log_sd=tau) for tau in recorded_taus(record))
        now = cohort(generator)
        uncertainty = RevenueUncertainty(calibrations, value_cv=DEAL_CV)
        low, high = cohort_interval(0.0, now.leads, uncertainty, seed=number)
        covered += low <= float(now.revenue.sum()) <= high
    assert 0.75 <= covered / COHORTS <= 0.85


@pytest.mark.slow
def test_coverage_of_the_interval_from_sums() -> None:
    generator = np.random.default_rng(1)
    cohorts, covered = 5 * COHORTS, 0
    for _ in range(cohorts):
        taus = recorded_taus([cohort(generator) for _ in range(RECORD)])
        now = cohort(generator)
        sums = [PredictedSums(*channel_sums(now.leads, place), log_sd=tau) for place, tau in enumerate(taus)]
        low, high = interval_of_sums(0.0, sums, ALL_DEALS_CV)
        covered += low <= float(now.revenue.sum()) <= high
    assert 0.75 <= covered / cohorts <= 0.85


def test_both_intervals_agree() -> None:
    now = cohort(np.random.default_rng(1))
    uncertainty = RevenueUncertainty((Calibration(log_sd=0.2),) * 3, value_cv=DEAL_CV, common_sd=0.1)
    sums = [PredictedSums(*channel_sums(now.leads, place), log_sd=0.2) for place in range(3)]
    exact = cohort_interval(1_000.0, now.leads, uncertainty, seed=1)
    assert interval_of_sums(1_000.0, sums, ALL_DEALS_CV, 0.1) == pytest.approx(exact, rel=0.05)


def test_what_is_seen_moves_the_interval_and_does_not_widen_it() -> None:
    sums = [PredictedSums(20.0, 19.0, 100_000.0, log_sd=0.2)]
    low, high = interval_of_sums(0.0, sums, 1.0)
    assert interval_of_sums(50_000.0, sums, 1.0) == pytest.approx((low + 50_000.0, high + 50_000.0))


def test_a_cohort_without_open_leads_is_certain() -> None:
    nothing = OpenLeadChances(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))
    assert cohort_interval(500.0, nothing, RevenueUncertainty(()), seed=1) == (500.0, 500.0)
    assert interval_of_sums(500.0, [], 1.0) == (500.0, 500.0)
    assert interval_of_sums(500.0, [PredictedSums(0.0, 0.0, 0.0)], 1.0) == (500.0, 500.0)
    assert interval_of_sums(500.0, [PredictedSums(10.0, 0.0, 100.0)], 0.0) == (600.0, 600.0)
