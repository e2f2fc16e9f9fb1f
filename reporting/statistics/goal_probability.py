"""Revenue that open leads will bring, by simulation: the probability to reach a goal, and intervals.

A draw wins each lead by its probability times one calibration factor of its channel, and gives the win a deal value
around the predicted one. Many leads are put into cells of similar probability and value, whose wins are binomial and
whose revenue is gamma distributed, with the mean and the variance of the leads in them: 100,000 leads take as long as
a few hundred.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from leadworth.arrays import Indices, Matrix, Vector

DRAWS = 10_000
EXACT_UP_TO = 300
"""Leads up to which each is drawn by itself."""
BINS = 6
"""Bins of probability and of value, in each channel."""


@dataclass(frozen=True)
class OpenLeadChances:
    """Open leads, arrays of shape (n,).

    Attributes
    ----------
    win_probability
        Now, given their age, and as shares of their decision units.
    win_value
        Expected revenue if won.
    channel
        Number of the channel.
    """

    win_probability: Vector
    win_value: Vector
    channel: Indices


@dataclass(frozen=True)
class Calibration:
    """Distribution of the factor from predicted to true wins or revenue: log-normal, one draw for all leads it is for.

    Attributes
    ----------
    log_mean, log_sd
        Of the logarithm of the factor.
    """

    log_mean: float = 0.0
    log_sd: float = 0.0


@dataclass(frozen=True)
class RevenueUncertainty:
    """What is uncertain about the revenue of open leads beside the luck of each.

    Attributes
    ----------
    channels
        Calibration of each channel number.
    value_cv
        Coefficient of variation of a deal's revenue around the predicted one.
    common_sd
        Standard deviation of a log factor that all channels share.
    """

    channels: tuple[Calibration, ...]
    value_cv: float = 1.0
    common_sd: float = 0.0


def revenue_draws(leads: OpenLeadChances, uncertainty: RevenueUncertainty, *, seed: int, draws: int = DRAWS) -> Vector:
    """Draw the revenue of open leads, shape (draws,); the same seed gives the same draws.

    Examples
    --------
    >>> leads = OpenLeadChances(np.full(1_000, 0.1), np.full(1_000, 500.0), np.zeros(1_000, dtype=np.int64))
    >>> drawn = revenue_draws(leads, RevenueUncertainty((Calibration(),), value_cv=0.0), seed=1)
    >>> round(float(drawn.mean()) / 50_000, 2), round(float(drawn.std()) / (500 * math.sqrt(1_000 * 0.1 * 0.9)), 1)
    (1.0, 1.0)
    """
    generator = np.random.default_rng(seed)
    factors = _factors(uncertainty, draws, generator)
    revenue = np.zeros(draws)
    for cell in _cells(leads):
        wins = generator.binomial(cell.leads, np.minimum(cell.win_probability * factors[cell.channel], 1.0))
        squared_cv = (1.0 + uncertainty.value_cv**2) * (1.0 + cell.value_cv**2) - 1.0
        if squared_cv > 0:
            revenue += generator.standard_gamma(wins / squared_cv) * (cell.win_value * squared_cv)
        else:
            revenue += wins * cell.win_value
    return revenue


def reach_probability(goal: float, seen: float, drawn: Vector) -> float:
    """Return the share of draws in which what is seen and what comes reach a goal.

    Examples
    --------
    >>> reach_probability(10.0, 6.0, np.array([3.0, 4.0, 5.0, 2.0]))
    0.5
    """
    return float(np.mean(seen + drawn >= goal))


def count_reach_probability(goal: float, count: float, elapsed: float, dispersion: float = 1.0) -> float | None:
    """Return the probability that a count reaches a goal at its rate so far; None before the period begins.

    The rest of the period is about normal with mean m = count (1 - elapsed) / elapsed; its variance is that of the
    counts to come and of the rate, dispersion x m / elapsed.

    Parameters
    ----------
    elapsed
        Share of the period that has passed.
    dispersion
        Variance of counts over their mean.

    Examples
    --------
    >>> count_reach_probability(200, 100, 0.5), count_reach_probability(150, 100, 0.5) > 0.99
    (0.5, True)
    """
    if elapsed <= 0:
        return None
    if elapsed >= 1 or count >= goal:
        return float(count >= goal)
    rest = count * (1.0 - elapsed) / elapsed
    deviation = math.sqrt(dispersion * rest / elapsed)
    return float(ndtr((rest - (goal - count)) / deviation)) if deviation > 0 else 0.0


@dataclass(frozen=True)
class _Cell:
    leads: int
    channel: int
    win_probability: float
    win_value: float
    value_cv: float


def _factors(uncertainty: RevenueUncertainty, draws: int, generator: np.random.Generator) -> Matrix:
    """Return the calibration factors, shape (channels, draws)."""
    means = np.array([calibration.log_mean for calibration in uncertainty.channels])[:, None]
    deviations = np.array([calibration.log_sd for calibration in uncertainty.channels])[:, None]
    common = uncertainty.common_sd * generator.standard_normal(draws)
    own = generator.standard_normal((len(uncertainty.channels), draws))
    return np.asarray(np.exp(means + deviations * own + common), dtype=np.float64)


def _cells(leads: OpenLeadChances) -> Iterator[_Cell]:
    size = len(leads.win_probability)
    if size <= EXACT_UP_TO:
        group = np.arange(size)
    else:
        group = np.ravel_multi_index(
            (leads.channel, _bins(leads.win_probability), _bins(leads.win_value)),
            (int(leads.channel.max()) + 1, BINS, BINS),
        )
    _, group, counts = np.unique(group, return_inverse=True, return_counts=True)
    wins = np.bincount(group, weights=leads.win_probability)
    values = np.bincount(group, weights=leads.win_probability * leads.win_value)
    squares = np.bincount(group, weights=leads.win_probability * leads.win_value**2)
    channels = np.zeros(len(counts), dtype=np.int64)
    channels[group] = leads.channel
    for number in np.flatnonzero((wins > 0) & (values > 0)).tolist():
        mean = values[number] / wins[number]
        spread = max(squares[number] / wins[number] / mean**2 - 1.0, 0.0)
        cv = math.sqrt(spread) if spread > 1e-9 else 0.0
        yield _Cell(int(counts[number]), int(channels[number]), wins[number] / counts[number], float(mean), cv)


def _bins(values: Vector) -> Indices:
    """Return the quantile bin of each value."""
    edges = np.quantile(values, np.linspace(0.0, 1.0, BINS + 1)[1:-1])
    return np.searchsorted(edges, values, side="right").astype(np.int64)
