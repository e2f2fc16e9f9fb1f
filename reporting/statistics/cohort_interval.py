"""80 % interval of the revenue of a cohort: what is seen, and what its open leads will bring."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from reporting.statistics.goal_probability import OpenLeadChances, RevenueUncertainty, revenue_draws

LOW, HIGH = 0.1, 0.9


def cohort_interval(
    seen: float, leads: OpenLeadChances, uncertainty: RevenueUncertainty, *, seed: int
) -> tuple[float, float]:
    """Return the interval from the open leads of a cohort, by simulation.

    Examples
    --------
    >>> from reporting.statistics.goal_probability import Calibration
    >>> leads = OpenLeadChances(np.full(2_000, 0.1), np.full(2_000, 500.0), np.zeros(2_000, dtype=np.int64))
    >>> low, high = cohort_interval(50_000, leads, RevenueUncertainty((Calibration(log_sd=0.2),)), seed=0)
    >>> 110_000 < low < 130_000, 170_000 < high < 190_000
    (True, True)
    """
    drawn = revenue_draws(leads, uncertainty, seed=seed)
    low, high = np.quantile(drawn, [LOW, HIGH])
    return seen + float(low), seen + float(high)


@dataclass(frozen=True)
class PredictedSums:
    """Sums over open leads of one channel and cohort, as the rollups have them.

    Attributes
    ----------
    wins
        Sum of win probabilities p.
    win_variance
        Sum of p (1 - p).
    value
        Sum of predicted values.
    log_mean, log_sd
        Of the calibration factor.
    """

    wins: float
    win_variance: float
    value: float
    log_mean: float = 0.0
    log_sd: float = 0.0


def interval_of_sums(
    seen: float, channels: list[PredictedSums], value_cv: float, common_sd: float = 0.0
) -> tuple[float, float]:
    """Return the interval from sums of each channel: a gamma distribution with the same mean and variance.

    Values within a channel are taken to differ by `value_cv` around their mean, so it has to be that of all deals of
    the channel, not of deals around their prediction.

    Examples
    --------
    >>> low, high = interval_of_sums(50_000, [PredictedSums(200, 180, 100_000, log_sd=0.2)], value_cv=1.0)
    >>> 110_000 < low < 130_000, 170_000 < high < 190_000
    (True, True)
    """
    means, own, shared = [], 0.0, 0.0
    for sums in channels:
        if sums.wins <= 0 or sums.value <= 0:
            continue
        deal = sums.value / sums.wins
        chance = deal**2 * (sums.win_variance + sums.wins * value_cv**2)
        factor = math.exp(sums.log_mean + (sums.log_sd**2 + common_sd**2) / 2.0)
        means.append(factor * sums.value)
        own += factor * chance + (factor * sums.value) ** 2 * math.expm1(sums.log_sd**2)
    mean = sum(means)
    if mean <= 0:
        return seen, seen
    shared = mean**2 * math.expm1(common_sd**2)
    variance = own + shared
    if variance <= 0:
        return seen + mean, seen + mean
    low, high = gammaincinv(mean**2 / variance, [LOW, HIGH]) * (variance / mean)
    return seen + float(low), seen + float(high)
