"""Interval of a share by Wilson's score, and whether it is above a bar."""

from __future__ import annotations

import math
from enum import StrEnum

from scipy.special import ndtri


class BarVerdict(StrEnum):
    """Whether a share is above a bar, below it, or neither is shown by the data."""

    ABOVE = "above"
    BELOW = "below"
    NOT_SHOWN = "not shown"


def share_interval(hits: int, trials: int, certainty: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927); 0 to 1 without trials.

    Examples
    --------
    >>> [round(100 * end) for end in share_interval(41, 50)], [round(100 * end) for end in share_interval(440, 500)]
    ([69, 90], [85, 91])
    """
    if trials == 0:
        return 0.0, 1.0
    z = float(ndtri(0.5 + 0.5 * certainty))
    centre = hits + z * z / 2.0
    half = z * math.sqrt(hits * (trials - hits) / trials + z * z / 4.0)
    total = trials + z * z
    return max((centre - half) / total, 0.0), min((centre + half) / total, 1.0)


def compare_with_bar(hits: int, trials: int, bar: float, certainty: float = 0.95) -> BarVerdict:
    """Return whether the interval of a share is above or below a bar.

    Examples
    --------
    >>> compare_with_bar(41, 50, 0.8), compare_with_bar(440, 500, 0.8)
    (<BarVerdict.NOT_SHOWN: 'not shown'>, <BarVerdict.ABOVE: 'above'>)
    """
    low, high = share_interval(hits, trials, certainty)
    if low > bar:
        return BarVerdict.ABOVE
    return BarVerdict.BELOW if high < bar else BarVerdict.NOT_SHOWN
