"""Logarithmic bins of durations, of which ten double the time: counts of bins add up, and medians are read from them.

A duration of t minutes is in bin floor(10 log2(t / 5)), so that five minutes are an edge and the share answered within
five minutes is exact. A duration read from its bin as the geometric middle is off by a factor of at most 2^(1/20),
that is by 3.6 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from leadworth.arrays import Indices, Vector

BINS_A_DOUBLING = 10
EDGE_MINUTES = 5.0
LOWEST_BIN = -60
"""Bin of everything below five seconds."""


def bin_of_minutes(minutes: Vector) -> Indices:
    """Return the bin of durations in minutes, shape (n,).

    Examples
    --------
    >>> bin_of_minutes(np.array([0.0, 4.99, 5.0, 10.0, 1440.0])).tolist()
    [-60, -1, 0, 10, 81]
    """
    ratio = np.maximum(np.asarray(minutes, dtype=np.float64) / EDGE_MINUTES, 1e-9)
    bins = np.floor(BINS_A_DOUBLING * np.log2(ratio) + 1e-9)
    return np.maximum(bins, LOWEST_BIN).astype(np.int64)


def minutes_of_bin(bins: Indices) -> Vector:
    """Return the geometric middle of bins in minutes, shape (n,).

    Examples
    --------
    >>> minutes_of_bin(np.array([-60, 0, 10])).round(2).tolist()
    [0.08, 5.18, 10.35]
    """
    return np.asarray(EDGE_MINUTES * 2.0 ** ((np.asarray(bins) + 0.5) / BINS_A_DOUBLING), dtype=np.float64)


def counts_under(minutes: float, counts: Mapping[int, int]) -> int:
    """Return how many durations are shorter than an edge of the bins.

    Parameters
    ----------
    minutes
        Five minutes, or five minutes times a power of 2^(1/10); another time is rounded down to the next edge.
    counts
        Bin -> durations in it.

    Examples
    --------
    >>> counts_under(5.0, {-20: 3, -1: 2, 0: 7})
    5
    """
    edge = math.floor(BINS_A_DOUBLING * math.log2(minutes / EDGE_MINUTES) + 1e-9)
    return sum(count for position, count in counts.items() if position < edge)
