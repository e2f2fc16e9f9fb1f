"""Platt scaling under late outcomes: log-odds of g become a + b x log-odds of g.

Linear in the log-odds, so that contributions stay exact: each is multiplied by b. Judged by the same
likelihood as the win model, so open leads speak as open leads; shrunk toward (0, 1), so that a fold
with few wins changes little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.base import Vector
from models.win import Evidence

_SHIFT_SPREAD = 0.05
_LOG_SLOPE_SPREAD = 0.1
"""Tight: the level is already that of the snapshot, and a fold of late outcomes holds few wins."""


@dataclass(frozen=True)
class Platt:
    """A straight line in log-odds with positive slope.

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


def fit_platt(log_odds: Vector, evidence: Evidence, rows: NDArray[np.int64]) -> Platt:
    """Fit shift and slope by penalised likelihood.

    Parameters
    ----------
    log_odds
        Log-odds of g of the rows, from a model that has not learned from them, shape (len(rows),).
    evidence
        What is known of all leads.
    rows
        Leads that calibrate.
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
