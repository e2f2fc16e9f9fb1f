"""Platt scaling of the log-odds of g with censored outcomes: shift + slope x log-odds.

The scaling is linear in the log-odds, so contributions remain exact: each is multiplied by the slope. It maximises the
likelihood of the cure model, in which open leads are censored, with a prior around (0, 1), so that a fold with few wins
changes little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from leadworth.arrays import Indices, Vector
from models.cure_model import CensoredOutcomes

_SHIFT_SPREAD = 0.05
_LOG_SLOPE_SPREAD = 0.1
"""Narrow priors: the intercept is that of the snapshot already, and a fold has few wins."""


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

    def apply(self, log_odds: Vector) -> Vector:
        """Return the calibrated log-odds."""
        return self.shift + self.slope * log_odds


def fit_platt(log_odds: Vector, evidence: CensoredOutcomes, rows: Indices) -> Platt:
    """Fit shift and slope by penalised likelihood.

    Parameters
    ----------
    log_odds
        Out-of-fold log-odds of g of the rows, shape (len(rows),).
    evidence
        Censored outcomes of all leads.
    rows
        Row numbers of the calibration set.
    """
    if not len(rows):
        return Platt()
    center = float(np.mean(log_odds))

    def line(parameters: Vector) -> Platt:
        slope = float(np.exp(parameters[1]))
        return Platt(float(parameters[0]) + center - slope * center, slope)

    def loss(parameters: Vector) -> float:
        penalty = (parameters[0] / _SHIFT_SPREAD) ** 2 + (parameters[1] / _LOG_SLOPE_SPREAD) ** 2
        return len(rows) * evidence.loss(line(parameters).apply(log_odds), rows) + 0.5 * float(penalty)

    best = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (-1.5, 1.5)])
    return line(best.x)
