"""Platt scaling of the log-odds of g with censored outcomes: shift + slope x log-odds.

The scaling is linear in the log-odds, so contributions remain exact: each is multiplied by the slope. It maximises the
likelihood of the cure model, in which open leads are censored, with a prior around (0, 1), so that few wins change
little. The margins are out-of-fold over the whole history: a line fitted to the latest leads only would take the error
of their visible share for one of the trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from leadworth.arrays import Indices, Vector
from models.cure_model import CensoredOutcomes

_SHIFT_SPREAD = 1.0
_LOG_SLOPE_SPREAD = 0.3
"""Standard deviations of the priors. They matter only with few wins."""


@dataclass(frozen=True)
class Platt:
    """Calibration line in log-odds with positive slope.

    Examples
    --------
    >>> Platt(0.5, 2.0).apply(np.array([-1.0, 1.0])).tolist()
    [-1.5, 2.5]
    """

    shift: float = 0.0
    slope: float = 1.0

    @classmethod
    def through(cls, point: float, shift: float, slope: float) -> Self:
        """Return the line with this slope that maps a point to point + shift.

        Examples
        --------
        >>> Platt.through(-2.0, 0.5, 1.2).apply(np.array([-2.0])).tolist()
        [-1.5]
        """
        return cls(point + shift - slope * point, slope)

    def apply(self, log_odds: Vector) -> Vector:
        """Return the calibrated log-odds."""
        return self.shift + self.slope * log_odds


def fit_platt(margin: Vector, level: Vector, now: float, evidence: CensoredOutcomes, rows: Indices) -> Platt:
    """Fit shift and slope of out-of-fold margins by penalised likelihood.

    The slope scales the margin, which comes from the features, and not the level, which is fitted already.

    Parameters
    ----------
    margin
        Out-of-fold margins of the rows, shape (len(rows),).
    level
        Level of the log-odds at the submit of the rows, shape (len(rows),).
    now
        Level at which leads are scored.
    evidence
        Censored outcomes of all leads.
    rows
        Row numbers of the calibration set.

    Returns
    -------
    Platt
        Line from `now` + margin to the calibrated log-odds.
    """
    if not len(rows):
        return Platt()
    center, known = float(np.mean(margin)), evidence.of(rows).tempered()

    def loss(parameters: Vector) -> float:
        scaled = center + np.exp(parameters[1]) * (margin - center)
        penalty = (parameters[0] / _SHIFT_SPREAD) ** 2 + (parameters[1] / _LOG_SLOPE_SPREAD) ** 2
        return known.total * known.loss(level + parameters[0] + scaled) + 0.5 * float(penalty)

    from scipy.optimize import minimize  # for fits only

    best = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (-1.5, 1.5)])
    return Platt.through(now + center, float(best.x[0]), float(np.exp(best.x[1])))
