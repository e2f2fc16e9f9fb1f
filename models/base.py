"""Array types of the estimators, and log-odds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


def sigmoid(log_odds: Vector) -> Vector:
    """Return the probabilities of log-odds, without overflow.

    Examples
    --------
    >>> sigmoid(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    tail = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, tail) / (1.0 + tail)


def logit(probability: Vector) -> Vector:
    """Return the log-odds of probabilities, held within 1e-12 of 0 and 1.

    Examples
    --------
    >>> logit(np.array([0.5])).tolist()
    [0.0]
    """
    held = np.clip(probability, 1e-12, 1.0 - 1e-12)
    return np.log(held) - np.log1p(-held)
