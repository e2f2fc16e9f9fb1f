"""Weighted pipeline: open deals by the win probabilities of our own stages, not by those that a CRM has by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from leadworth.arrays import Indices, Vector
from reporting.statistics.aalen_johansen import aalen_johansen

MINIMUM_EXITS = 10
"""Deals won or lost after a stage below which it has no probability of its own."""


def stage_probability(days: Vector, exits: Indices) -> float | None:
    """Return the probability that a deal that reached a stage is won, with losses competing; None below ten exits.

    Deals that are still open count as such (Aalen-Johansen): what is seen to be won by the longest time observed.

    Parameters
    ----------
    days
        Days from the stage to win or loss, or to now, shape (n,).
    exits
        `reporting.statistics.aalen_johansen.Exit` of each deal, REACHED for a win, shape (n,).

    Examples
    --------
    >>> stage_probability(np.arange(1.0, 11.0), np.array([1, 2, 2, 2, 1, 2, 2, 2, 2, 2])).__round__(6)
    0.2
    """
    if int((np.asarray(exits) > 0).sum()) < MINIMUM_EXITS:
        return None
    return aalen_johansen(days, exits).at()[0]


def weighted_pipeline(
    values: Sequence[float], stages: Sequence[str], probabilities: Mapping[str, float]
) -> tuple[float, int]:
    """Return the sum of value x probability, and the deals whose stage has no probability, which are left out.

    Examples
    --------
    >>> weighted_pipeline([10_000, 40_000, 5_000], ["demo", "offer", "legal"], {"demo": 0.2, "offer": 0.5})
    (22000.0, 1)
    """
    weighted = [
        value * probabilities[stage] for value, stage in zip(values, stages, strict=True) if stage in probabilities
    ]
    return float(sum(weighted)), len(values) - len(weighted)
