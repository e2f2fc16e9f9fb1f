"""Aalen-Johansen estimate of the share that reaches a stage, where leads can also be lost.

The estimate of Aalen and Johansen (1978): the cumulative incidence of a cause grows at each event time by the share
that was still open before it times events of the cause / at risk. A lost lead is not censored: it never reaches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from leadworth.arrays import Indices, Vector
from reporting.statistics.kaplan_meier import at_risk


class Exit(IntEnum):
    """How the wait of a lead ended."""

    OPEN = 0
    REACHED = 1
    LOST = 2


@dataclass(frozen=True)
class StageShares:
    """Shares of leads that have reached the stage and that are lost, step functions of the time, shape (n,)."""

    times: Vector
    reached: Vector
    lost: Vector

    def at(self, time: float = np.inf) -> tuple[float, float, float]:
        """Return the shares reached, lost and open after this time; by default those of the last event."""
        position = int(np.searchsorted(self.times, time, side="right")) - 1
        if position < 0:
            return 0.0, 0.0, 1.0
        reached, lost = float(self.reached[position]), float(self.lost[position])
        return reached, lost, max(1.0 - reached - lost, 0.0)


def aalen_johansen(times: Vector, exits: Indices, counts: Indices | None = None) -> StageShares:
    """Estimate the shares that reach the stage and that are lost.

    Parameters
    ----------
    times
        Time to the exit, or to the end of observation, shape (n,).
    exits
        `Exit` of each lead, shape (n,).
    counts
        Number of leads of each time, above 0, shape (n,); None: one.

    Examples
    --------
    >>> times = np.array([1, 2, 2, 3, 5, 8, 9, 12.0])
    >>> [round(share, 4) for share in aalen_johansen(times, np.array([1, 1, 2, 1, 2, 1, 0, 0])).at()]
    [0.5, 0.25, 0.25]
    """
    waits, kinds = np.asarray(times, dtype=np.float64), np.asarray(exits)
    leads = np.ones(len(waits), dtype=np.int64) if counts is None else counts
    steps = np.unique(waits[kinds != Exit.OPEN])
    position = np.searchsorted(steps, waits)
    reached, lost = (
        np.bincount(position[kinds == cause], leads[kinds == cause], minlength=len(steps)).astype(np.float64)
        for cause in (Exit.REACHED, Exit.LOST)
    )
    return _shares(steps, reached, lost, at_risk(waits, leads, steps).astype(np.float64))


def _shares(times: Vector, reached: Vector, lost: Vector, remaining: Vector) -> StageShares:
    risk = np.maximum(remaining, 1e-12)
    open_after = np.cumprod(np.maximum(1.0 - (reached + lost) / risk, 0.0))
    open_before = np.concatenate(([1.0], open_after[:-1])) if len(times) else open_after
    return StageShares(times, np.cumsum(open_before * reached / risk), np.cumsum(open_before * lost / risk))
