"""Interval of predicted revenue of a cohort: chance of each win, spread of deals, and error of past predictions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import gammaincinv

if TYPE_CHECKING:
    from collections.abc import Mapping

MILLION = 1_000_000
DEFAULT_ERROR = 0.35
"""Standard deviation of ln(came / said) until there are enough past cohorts."""
_LOW, _HIGH = 0.1, 0.9


def deal_variation(sums: Mapping[str, int], default: float = 1.0) -> float:
    """Return the coefficient of variation of deal values; a default with fewer than two wins.

    Examples
    --------
    >>> deal_variation({"won": 2, "revenue_micros": 4_000_000, "revenue_squares": 10})
    0.5
    """
    wins, revenue = sums.get("won", 0), sums.get("revenue_micros", 0) / MILLION
    if wins < 2 or revenue <= 0:
        return default
    return math.sqrt(max(wins * sums.get("revenue_squares", 0) / revenue**2 - 1.0, 0.0))


def predicted_interval(sums: Mapping[str, int], variation: float, error: float = DEFAULT_ERROR) -> tuple[float, float]:
    """Return the 80 % interval of the revenue that the open leads will bring.

    Quantiles of a gamma distribution whose mean is the predicted value, and whose variance adds up that of the number
    of wins, of the values of deals, and the error of past predictions.

    Parameters
    ----------
    sums
        Sums over leads: `open_value_micros`, `open_win_ppm`, `open_win_squares_ppm`.
    variation
        Coefficient of variation of deal values.
    error
        Standard deviation of the logarithm of came / said.

    Examples
    --------
    >>> sums = {"open_value_micros": 100_000_000_000, "open_win_ppm": 50_000_000, "open_win_squares_ppm": 45_000_000}
    >>> [round(bound) for bound in predicted_interval(sums, 1.0, 0.0)]
    [75823, 125829]
    """
    mean, wins = sums.get("open_value_micros", 0) / MILLION, sums.get("open_win_ppm", 0) / MILLION
    if mean <= 0 or wins <= 0:
        return max(mean, 0.0), max(mean, 0.0)
    spread = sums.get("open_win_squares_ppm", 0) / MILLION
    relative = (spread + wins * variation**2) / wins**2 + error**2
    shape = 1.0 / relative
    return tuple(float(gammaincinv(shape, share)) * mean / shape for share in (_LOW, _HIGH))  # type: ignore[return-value]
