"""Is the lead junk? Learned from what people said: junk = 1, humanly engaged = 0, unknown left out.

Few labels (under 30 of either) leave it to a rule scorecard. The labelled leads are not a fair sample
of all, so the learned log-odds are shifted to the share of junk that the unlabelled leads show
(Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori
probabilities").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.base import Matrix, Vector, sigmoid
from models.boosting import Shape, Table, boost
from models.trees import Trees

FEW_LABELS = 30
SHAPE = Shape(rounds=150, leaves=8, learning_rate=0.07, min_leaf=30, l2=10.0)
_MOST_SHIFT = 2.0


@dataclass(frozen=True)
class Junk:
    """Learned junk probability: sigmoid(shift + slope x (intercept + trees))."""

    trees: Trees
    intercept: float
    shift: float
    slope: float

    def log_odds(self, matrix: Matrix) -> Vector:
        """Return the log-odds of junk, shape (rows,)."""
        return self.shift + self.slope * (self.intercept + self.trees.raw(matrix))


def fit_junk(table: Table, junk: NDArray[np.bool_], engaged: NDArray[np.bool_], seed: int) -> tuple[Junk, Vector]:
    """Fit the junk model and its out-of-fold log-odds.

    Parameters
    ----------
    table
        Features of all leads, n rows.
    junk, engaged
        Labels, shape (n,); leads with neither are unknown.
    seed
        Seed of folds and feature sampling.

    Returns
    -------
    tuple of Junk and Vector
        The model, and for each lead the log-odds of a model that had not seen its label, shape (n,).
    """
    labelled = np.flatnonzero(junk | engaged)
    share = float(junk[labelled].mean())
    start = float(np.log(share / (1.0 - share)))

    def objective(margin: Vector, chosen: NDArray[np.int64]) -> tuple[Vector, Vector]:
        p = sigmoid(start + margin)
        return p - junk[chosen], np.maximum(p * (1.0 - p), 1e-6)

    def loss(margin: Vector, chosen: NDArray[np.int64]) -> float:
        return _log_loss(start + margin, junk[chosen])

    fold = np.random.default_rng(seed).permutation(len(labelled)) % 4
    parts = [
        boost(table, labelled[fold != number], objective, SHAPE, seed, judge=(labelled[fold == number], loss))
        for number in range(4)
    ]
    raws = np.stack([part.raw(table.matrix) for part in parts])
    outside = start + raws.mean(axis=0)
    outside[labelled] = start + raws[fold, labelled]
    shift, slope = _platt(outside[labelled], junk[labelled])
    rounds = max(1, int(np.mean([part.n_trees for part in parts])))
    trees = boost(table, labelled, objective, SHAPE.with_rounds(rounds), seed)
    calibrated = shift + slope * outside
    prior = prior_shift(calibrated, junk, engaged)
    return Junk(trees, start, shift + prior, slope), calibrated + prior


def prior_shift(log_odds: Vector, junk: NDArray[np.bool_], engaged: NDArray[np.bool_]) -> float:
    """Return what to add to the log-odds for the share of junk among all leads, held within 2.

    Examples
    --------
    >>> odds = np.array([-3.0, -3.0, 3.0])
    >>> label = np.array([False, False, True])
    >>> prior_shift(odds, label, ~label)
    0.0
    """
    labelled = junk | engaged
    if labelled.all():
        return 0.0
    at_labels = float(junk[labelled].mean())
    prior = at_labels
    for _ in range(500):
        shift = np.log(prior / (1.0 - prior)) - np.log(at_labels / (1.0 - at_labels))
        posterior = np.where(labelled, junk, sigmoid(log_odds + shift))
        updated = float(np.clip(posterior.mean(), 1e-4, 1.0 - 1e-4))
        if abs(updated - prior) < 1e-9:
            break
        prior = updated
    shift = np.log(prior / (1.0 - prior)) - np.log(at_labels / (1.0 - at_labels))
    return float(np.clip(shift, -_MOST_SHIFT, _MOST_SHIFT))


def _log_loss(log_odds: Vector, label: NDArray[np.bool_]) -> float:
    return float(np.mean(np.logaddexp(0.0, log_odds) - label * log_odds))


def _platt(log_odds: Vector, label: NDArray[np.bool_]) -> tuple[float, float]:
    def loss(parameters: Vector) -> float:
        line = parameters[0] + np.exp(parameters[1]) * log_odds
        return len(label) * _log_loss(line, label) + 0.5 * float(parameters[0] ** 2 + (parameters[1] / 0.3) ** 2)

    best = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (-1.5, 1.5)])
    return float(best.x[0]), float(np.exp(best.x[1]))
