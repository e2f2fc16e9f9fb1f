"""Interval of a share by Wilson's score, and whether it is above a bar."""

from __future__ import annotations

from enum import StrEnum

from scipy.stats import binomtest


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
    interval = binomtest(hits, trials).proportion_ci(confidence_level=certainty, method="wilson")
    return float(interval.low), float(interval.high)


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
