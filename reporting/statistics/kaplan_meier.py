"""Kaplan-Meier estimate of the time to an event, with leads that still wait counted as open.

The product-limit estimate of Kaplan and Meier (1958): S(t) = product over event times up to t of 1 - events / at risk.
At equal times events come before the ends of observation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Flags, Indices, Vector
from reporting.statistics.log_bins import minutes_of_bin

MEDIAN = 0.5
P75 = 0.25


@dataclass(frozen=True)
class WaitingCurve:
    """Share that still waits, a step function of the time.

    Attributes
    ----------
    times
        Times of events, rising, shape (n,).
    waiting
        Share that still waits after each of them, shape (n,).
    """

    times: Vector
    waiting: Vector

    def first_time_at(self, share: float) -> float | None:
        """Return the first time after which at most this share waits; None where it is not reached.

        Examples
        --------
        >>> curve = WaitingCurve(np.array([1.0, 4.0]), np.array([0.75, 0.5]))
        >>> curve.first_time_at(0.5), curve.first_time_at(0.25)
        (4.0, None)
        """
        reached = np.flatnonzero(self.waiting <= share + 1e-12)
        return float(self.times[reached[0]]) if len(reached) else None

    def at(self, time: float) -> float:
        """Return the share that waits after this time.

        Examples
        --------
        >>> WaitingCurve(np.array([1.0, 4.0]), np.array([0.75, 0.5])).at(3.9)
        0.75
        """
        position = int(np.searchsorted(self.times, time, side="right")) - 1
        return float(self.waiting[position]) if position >= 0 else 1.0


def kaplan_meier(times: Vector, happened: Flags, counts: Indices | None = None) -> WaitingCurve:
    """Estimate the share that still waits.

    Parameters
    ----------
    times
        Time to the event, or to the end of observation, in any unit, shape (n,).
    happened
        Whether the event happened, shape (n,).
    counts
        Number of leads of each time, above 0, shape (n,); None: one.

    Examples
    --------
    >>> curve = kaplan_meier(np.array([1, 2, 2, 3, 5, 8, 9, 12.0]), np.array([1, 1, 0, 1, 0, 1, 0, 0], dtype=bool))
    >>> curve.times.tolist(), curve.waiting.round(3).tolist()
    ([1.0, 2.0, 3.0, 8.0], [0.875, 0.75, 0.6, 0.4])
    >>> curve.first_time_at(MEDIAN), curve.first_time_at(P75)
    (8.0, None)
    """
    waits = np.asarray(times, dtype=np.float64)
    leads = np.ones(len(waits), dtype=np.int64) if counts is None else counts
    event_times = np.unique(waits[happened])
    events = np.bincount(np.searchsorted(event_times, waits[happened]), leads[happened], minlength=len(event_times))
    waiting = np.cumprod(1.0 - events / np.maximum(at_risk(waits, leads, event_times), 1), dtype=np.float64)
    return WaitingCurve(event_times, waiting)


def at_risk(times: Vector, leads: Indices, steps: Vector) -> Indices:
    """Return how many leads still wait just before each step.

    Examples
    --------
    >>> at_risk(np.array([1.0, 3.0]), np.array([2, 5]), np.array([1.0, 2.0, 4.0])).tolist()
    [7, 5, 0]
    """
    order = np.argsort(times)
    ended = np.concatenate(([0], np.cumsum(leads[order])))
    remaining: Indices = ended[-1] - ended[np.searchsorted(times[order], steps, side="left")]
    return remaining


def kaplan_meier_of_bins(happened: Mapping[int, int], waiting: Mapping[int, int]) -> WaitingCurve:
    """Estimate the share that still waits from counts of logarithmic bins; times are in minutes.

    Ends of observation are spread over their bin: half of them are at risk when its events happen.

    Parameters
    ----------
    happened, waiting
        Bin -> leads of which the event happened after that time, and leads that wait since that time; see
        `reporting.statistics.log_bins`.

    Examples
    --------
    >>> kaplan_meier_of_bins({0: 1, 10: 2, 20: 1}, {30: 1}).first_time_at(MEDIAN).__round__(2)
    10.35
    """
    bins = np.array(sorted(set(happened) | set(waiting)), dtype=np.int64)
    events = np.array([happened.get(position, 0) for position in bins.tolist()], dtype=np.float64)
    ended = np.array([waiting.get(position, 0) for position in bins.tolist()], dtype=np.float64)
    left = events + ended
    exposed = np.cumsum(left[::-1])[::-1] - 0.5 * ended
    steps = 1.0 - np.divide(events, exposed, out=np.zeros(len(bins)), where=exposed > 0)
    shown = events > 0
    share = np.cumprod(np.maximum(steps, 0.0), dtype=np.float64)
    return WaitingCurve(minutes_of_bin(bins)[shown], share[shown])
