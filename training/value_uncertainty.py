"""Uncertainty of the level of a model, from its backtest.

The logarithm of predicted over true value has a prior, because models of this recipe are rarely far off; the backtest
moves it by what was seen, as far as the wins suffice. What widens the interval: the model to be registered is not those
of the backtest, the number and sizes of the wins that it learned from are partly luck, and the level differs between
periods. Channels have a deviation of their own, shrunk to the total.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.stats import norm

from models.value_interval import CERTAINTY, ValueIntervals, ValueRange
from training.backtest import Backtest
from training.few_wins import MINIMUM_WINS
from training.level import ForecastLevel

PRIOR = 0.15
"""Standard deviation of the log level between models of this recipe."""

NEW = 0.08
"""Standard deviation of the log level of the next model around those of the backtest."""

CHANNEL = 0.2
"""Least standard deviation of the log level between channels."""


def value_intervals(result: Backtest, of_training: float = 0.0) -> ValueIntervals | None:
    """Return the intervals of sums of predicted values in total and by channel; None with fewer than 10 wins.

    Parameters
    ----------
    result
        The backtest of the recipe.
    of_training
        Standard error of the log level of the model to be registered, by the number and the size of its wins.
    """
    if result.wins.seen < MINIMUM_WINS:
        return None
    mean, variance = _shrunk(result.money, PRIOR**2)
    variance += result.money.spread**2 + NEW**2 + of_training**2
    deviations = {
        name: (math.log(level.ratio / result.money.ratio), level.error**2)
        for name, level in result.channels.items()
        if level.seen > 0 and result.money.seen > 0 and level.predicted > 0
    }
    between = max(_between(deviations), CHANNEL**2)
    channels = {}
    for name, (deviation, error) in deviations.items():
        kept = between / (between + error)
        channels[name] = _range(mean + kept * deviation, variance + kept * error)
    return ValueIntervals(total=_range(mean, variance), channels=channels, other=_range(mean, variance + between))


def _shrunk(level: ForecastLevel, prior: float) -> tuple[float, float]:
    """Return mean and variance of the log level after the backtest."""
    if not (level.seen > 0 and level.predicted > 0):
        return 0.0, prior
    kept = prior / (prior + level.error**2)
    return kept * math.log(level.ratio), kept * level.error**2


def _between(deviations: Mapping[str, tuple[float, float]]) -> float:
    """Return the variance between channels beyond chance, by moments."""
    if len(deviations) < 2:
        return 0.0
    deviation, error = np.array(list(deviations.values())).T
    weight = 1.0 / error
    excess = float((weight * deviation**2).sum()) - (len(weight) - 1)
    return max(excess / float(weight.sum() - (weight**2).sum() / weight.sum()), 0.0)


def _range(mean: float, variance: float) -> ValueRange:
    """Return the factors from predicted to true value, given mean and variance of log predicted over true."""
    width = float(norm.ppf((1.0 + CERTAINTY) / 2.0)) * math.sqrt(variance)
    return ValueRange(low=round(math.exp(-mean - width), 4), high=round(math.exp(-mean + width), 4))
