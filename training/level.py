"""Level of a forecast: predicted over seen wins or money, with an interval that holds for few and unequal wins."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2, norm

from leadworth.arrays import Indices, Vector

CERTAINTY = 0.95
MOST_SHOWN = 99.0
LOW = 0.85
HIGH = 1.15
"""A level between these is right; the promotion gate stops a level that is certainly outside."""


@dataclass(frozen=True)
class ForecastLevel:
    """Predicted over seen, both visible so far.

    Attributes
    ----------
    predicted, seen
        Sums over the leads.
    low, high
        Interval of `ratio`; `high` is inf where nothing was seen.
    spread
        Standard deviation of the log ratio between windows, beyond chance.
    error
        Standard error of the log ratio; inf where nothing was seen.
    """

    predicted: float
    seen: float
    low: float
    high: float
    spread: float = 0.0
    error: float = 0.0

    @property
    def ratio(self) -> float:
        """Predicted over seen; inf where nothing was seen."""
        return self.predicted / self.seen if self.seen > 0 else math.inf

    @property
    def too_low(self) -> bool:
        """Whether the whole interval is below what is right."""
        return self.high < LOW

    @property
    def too_high(self) -> bool:
        """Whether the whole interval is above what is right."""
        return self.low > HIGH

    def widened(self, error: float) -> ForecastLevel:
        """Return the level with a wider interval.

        Parameters
        ----------
        error
            Standard error of the logarithm of the ratio that comes on top.

        Examples
        --------
        >>> str(ForecastLevel(100.0, 100.0, 0.9, 1.1).widened(0.1))
        '1.00 [0.80, 1.24]'
        >>> str(ForecastLevel(100.0, 100.0, 0.9, 1.1).widened(40.0))
        '1.00 [0.00, over 99]'
        """
        if not math.isfinite(self.ratio) or not self.low > 0:
            return self
        extra = float(norm.ppf((1.0 + CERTAINTY) / 2.0)) * error
        below = math.hypot(math.log(self.ratio / self.low), extra)
        above = math.hypot(math.log(self.high / self.ratio), extra)
        return replace(self, low=self.ratio * math.exp(-below), high=self.ratio * math.exp(above))

    def __str__(self) -> str:
        if not math.isfinite(self.ratio):
            return "none seen"
        high = f"{self.high:.2f}" if self.high < MOST_SHOWN else f"over {MOST_SHOWN:.0f}"
        return f"{self.ratio:.2f} [{self.low:.2f}, {high}]"


def sum_interval(amounts: Vector, unit: float = 1.0, certainty: float = CERTAINTY) -> tuple[float, float]:
    """Return an interval of the expected sum of the amounts of a Poisson number of wins.

    The gamma interval of Fay and Feuer (1997, Statistics in Medicine 16); for equal amounts it is the exact
    Poisson interval. A sum that consists of a few large amounts has a wide interval.

    Parameters
    ----------
    amounts
        Amount of each win.
    unit
        Least size of a win that was not seen.
    certainty
        Such as 0.95.

    Examples
    --------
    >>> [round(end, 1) for end in sum_interval(np.ones(10))]
    [4.8, 18.4]
    """
    tail = (1.0 - certainty) / 2.0
    total, squares = float(amounts.sum()), float((amounts**2).sum())
    largest = max(unit, float(amounts.max(initial=0.0)))
    low = squares / (2 * total) * chi2.ppf(tail, 2 * total**2 / squares) if total > 0 else 0.0
    more, more_squares = total + largest, squares + largest**2
    high = more_squares / (2 * more) * chi2.ppf(1.0 - tail, 2 * more**2 / more_squares)
    return float(low), float(high)


def level_of(
    predicted: Vector,
    amounts: Vector,
    window: Indices | None = None,
    *,
    largest: float = 1.0,
    maturity_error: float = 0.0,
) -> ForecastLevel:
    """Compare a forecast with the outcomes.

    Parameters
    ----------
    predicted
        Predicted amount visible by now of each lead, shape (n,).
    amounts
        Amount seen of each lead, 0 where it is not won, shape (n,).
    window
        Window of each lead, from 0; the ratio may differ between windows beyond chance, which widens the interval.
    largest
        Largest win that is known to happen, whether among these leads or not; 1 where wins are counted.
    maturity_error
        Standard error of the logarithm of the visible share.
    """
    expected, seen, won = float(predicted.sum()), float(amounts.sum()), amounts[amounts > 0]
    low, high = sum_interval(won, largest)
    if not seen > 0:
        return ForecastLevel(expected, 0.0, expected / high, math.inf, error=math.inf)
    spread, share = 0.0, 1.0
    if window is not None and window.max(initial=0) > 0:
        spread, share = _spread(predicted, amounts, window)
    extra = math.hypot(spread * math.sqrt(share), maturity_error)
    z = float(norm.ppf((1.0 + CERTAINTY) / 2.0))
    below, above = math.hypot(math.log(high / seen), z * extra), math.hypot(math.log(seen / low), z * extra)
    ratio = expected / seen
    return ForecastLevel(
        expected, seen, ratio * math.exp(-below), ratio * math.exp(above), spread, (below + above) / (2 * z)
    )


def bounded_level(predicted: float, won: Vector, still_open: int) -> ForecastLevel:
    """Compare predicted wins with outcomes as they stand: each lead that is still open may be won or lost.

    Parameters
    ----------
    predicted
        Predicted wins of all leads, the open ones included.
    won
        1 for a won lead and 0 for a lost one.
    still_open
        Number of the leads that are open.

    Examples
    --------
    >>> level = bounded_level(150.0, np.ones(100), still_open=100)
    >>> level.too_low, level.too_high
    (False, False)
    """
    wins = float(won.sum())
    low, _ = sum_interval(won[won > 0])
    _, high = sum_interval(np.ones(int(wins) + still_open))
    return ForecastLevel(predicted, wins, predicted / high, predicted / low if low > 0 else math.inf, error=math.inf)


def _spread(predicted: Vector, amounts: Vector, window: Indices) -> tuple[float, float]:
    """Return the standard deviation of the log ratio between windows, and the share of its variance in the mean.

    The estimator of DerSimonian and Laird (1986); a window's variance is that of a sum of a Poisson number of
    amounts.
    """
    expected, seen = np.bincount(window, predicted), np.bincount(window, amounts)
    weight = seen.sum() / expected.sum() * expected * (amounts.sum() / (amounts**2).sum())
    mean = expected * (seen.sum() / expected.sum())
    used = weight > 1.0
    if used.sum() < 2:
        return 0.0, 1.0
    weight, relative = weight[used], (seen[used] - mean[used]) / mean[used]
    excess = float((weight * relative**2).sum()) - (len(weight) - 1)
    scale = float(weight.sum() - (weight**2).sum() / weight.sum())
    return math.sqrt(max(excess / scale, 0.0)), float((weight**2).sum() / weight.sum() ** 2)
