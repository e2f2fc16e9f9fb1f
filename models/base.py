"""Contracts between the estimators, and the two array types that all of them speak."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


class Walk(Protocol):
    """A walk over an ensemble of trees: raw margins and what each feature adds to them.

    `baseline + contributions.sum(axis=1) == raw` to 1e-9, whatever the implementation.
    """

    @property
    def n_features(self) -> int:
        """Number of columns that a matrix must have."""

    @property
    def baseline(self) -> float:
        """Mean margin of the training data, from which the contributions start."""

    def raw(self, matrix: Matrix) -> Vector:
        """Return the margin of each row, shape (rows,)."""

    def contributions(self, matrix: Matrix) -> tuple[Vector, Matrix]:
        """Return the margins, shape (rows,), and the contributions, shape (rows, n_features)."""

    def raw_one(self, row: Vector) -> float:
        """Return the margin of one row of shape (n_features,)."""

    def contributions_one(self, row: Vector) -> tuple[float, Vector]:
        """Return the margin of one row, and its contributions, shape (n_features,)."""

    def to_text(self) -> str:
        """Return the ensemble as LightGBM text."""


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
