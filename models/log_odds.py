"""Conversion between log-odds and probabilities."""

from __future__ import annotations

import numpy as np

from leadworth.arrays import Vector


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
    """Return the log-odds of probabilities, clipped to 1e-12 from 0 and 1.

    Examples
    --------
    >>> logit(np.array([0.5])).tolist()
    [0.0]
    """
    clipped = np.clip(probability, 1e-12, 1.0 - 1e-12)
    return np.log(clipped) - np.log1p(-clipped)
