"""Divergence of two series of daily counts: a leading one rises while its follower falls, both beyond noise.

Each series is compared with its own level of the twelve weeks before, by weekday. A day's deviation is divided by its
standard deviation under a quasi-Poisson distribution, whose dispersion is estimated from the same weeks. A CUSUM (Page
1954) with allowance 0.5 adds what the leading series exceeds it upwards, and the follower downwards; the follower is
read later by the median delay of its stage. An alarm needs both above the limit on the same day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Vector

BASE_DAYS = 84
WATCH_DAYS = 42
ALLOWANCE = 0.5
LIMIT = 6.0
LEAST_MEAN = 1.0
"""Mean count a day below which a series is not watched."""
_WEEK = 7


@dataclass(frozen=True)
class Excursion:
    """CUSUM of one series at its last day.

    Attributes
    ----------
    height
        In standard deviations of a day.
    start
        Day since which it is above zero, counted from the first watched day; None where it is zero.
    change
        Count since `start` over the expected one, less 1; 0 without a start.
    """

    height: float
    start: int | None
    change: float


@dataclass(frozen=True)
class Divergence:
    """A leading series up and its follower down.

    Attributes
    ----------
    start
        Position of the first day of the change in the leading series.
    leading_change, follower_change
        As shares of what was expected.
    """

    start: int
    leading_change: float
    follower_change: float


def find_divergence(leading: Vector, follower: Vector, delay_days: int) -> Divergence | None:
    """Return the divergence on the last day of two series; None where there is none, or too few days or counts.

    Parameters
    ----------
    leading, follower
        Daily counts of the same days, oldest first, without today; at least 126 days and the delay.
    delay_days
        Median days from the leading count to the following one.

    Examples
    --------
    >>> week = np.array([120.0, 118, 121, 119, 122, 60, 58])
    >>> leading, follower = np.tile(week, 20), np.tile(week / 4, 20)
    >>> leading[-21:] *= 1.5
    >>> follower[-21:] *= 0.5
    >>> found = find_divergence(leading, follower, 0)
    >>> found.start, round(found.leading_change, 2), round(found.follower_change, 2)
    (119, 0.5, -0.5)
    >>> find_divergence(follower, leading, 0) is None
    True
    """
    if len(leading) != len(follower) or delay_days < 0:
        raise ValueError(
            f"{len(leading)} and {len(follower)} days, delay {delay_days}: the same days, and no past delay"
        )
    if len(leading) < BASE_DAYS + WATCH_DAYS + delay_days:
        return None
    first = len(leading) - delay_days - BASE_DAYS - WATCH_DAYS
    early = leading[first : len(leading) - delay_days]
    late = follower[first + delay_days :]
    rise, fall = excursion(early, 1.0), excursion(late, -1.0)
    if rise is None or fall is None or rise.start is None or min(rise.height, fall.height) < LIMIT:
        return None
    return Divergence(first + BASE_DAYS + rise.start, rise.change, fall.change)


def excursion(counts: Vector, direction: float) -> Excursion | None:
    """Return the CUSUM of the last days against the first 84; None where those have less than a count a day.

    Parameters
    ----------
    counts
        Daily counts, shape (84 + watched days,).
    direction
        1 for a rise, -1 for a fall.
    """
    base, watched = counts[:BASE_DAYS], counts[BASE_DAYS:]
    if base.mean() < LEAST_MEAN:
        return None
    expected_base, expected = _expected(base, len(watched))
    dispersion = max(float(((base - expected_base) ** 2 / expected_base).sum()) / (BASE_DAYS - _WEEK), 1.0)
    deviations = direction * (watched - expected) / np.sqrt(dispersion * expected)
    height, start = 0.0, None
    for day, deviation in enumerate(deviations.tolist()):
        height = max(0.0, height + deviation - ALLOWANCE)
        if height == 0.0:
            start = None
        elif start is None:
            start = day
    change = 0.0 if start is None else float(watched[start:].sum() / expected[start:].sum()) - 1.0
    return Excursion(height, start, change)


def _expected(base: Vector, days: int) -> tuple[Vector, Vector]:
    """Return the expected counts of the base and of the days after it: the level times a factor of the weekday.

    A weekday's mean is shrunk towards the level by the weight of one day, so that none is expected to be 0.
    """
    level = float(base.mean())
    weekdays = base.reshape(-1, _WEEK)
    means = (weekdays.sum(axis=0) + level) / (len(weekdays) + 1.0)
    means *= level / float(means.mean())
    return np.tile(means, len(weekdays)), np.tile(means, math.ceil(days / _WEEK))[:days]
