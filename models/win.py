"""Whether a lead wins, from outcomes that are late: a mixture cure model fitted by boosting.

With G = (1 - junk) x g, the chance to win within the horizon, S the chance that a winner is still
open at the lead's age and L the same of a loser, a lead contributes

    won  log G        lost  log(1 - G)        open  log(G S + (1 - G) L)

(Farewell 1982, "The use of mixture models for the analysis of survival data with long-term
survivors"; Chapelle 2014, "Modeling delayed feedback in display advertising"; L is the competing
time at which sales marks a loser). The gradient of the open term is that of a soft label, the chance
that the lead is still to win.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.base import Vector, sigmoid
from models.boosting import Loss, Objective, Shape, Table, boost
from models.trees import Trees

_SMALLEST = 1e-12


@dataclass(frozen=True)
class Evidence:
    """What the snapshot says of each lead; every vector has shape (n,).

    Leads neither won nor lost are open. `winner_open` and `loser_open` are the chances S and L that a
    winner and a loser are still open at the lead's age; `genuine` is 1 - junk probability.
    """

    won: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    winner_open: Vector
    loser_open: Vector
    genuine: Vector

    def label(self, chance: Vector, rows: NDArray[np.int64]) -> Vector:
        """Return the chance of each lead to be a winner, given what is known and G."""
        later = chance * self.winner_open[rows]
        never = (1.0 - chance) * self.loser_open[rows]
        soft = later / np.maximum(later + never, _SMALLEST)
        return np.where(self.won[rows], 1.0, np.where(self.lost[rows], 0.0, soft))

    def loss(self, margin: Vector, rows: NDArray[np.int64]) -> float:
        """Return the mean negative log-likelihood of margins (log-odds of g)."""
        chance = self.genuine[rows] * sigmoid(margin)
        won, lost = self.won[rows], self.lost[rows]
        seen = np.where(won, chance, 1.0 - chance)
        still = chance * self.winner_open[rows] + (1.0 - chance) * self.loser_open[rows]
        return float(-np.log(np.maximum(np.where(won | lost, seen, still), _SMALLEST)).mean())

    def slope(self, margin: Vector, rows: NDArray[np.int64]) -> tuple[Vector, Vector]:
        """Return gradient and curvature of the negative log-likelihood, per lead.

        The curvature is that of the expected complete likelihood (EM), which never falls below the true
        one, held positive.
        """
        g, genuine = sigmoid(margin), self.genuine[rows]
        chance = genuine * g
        label = self.label(chance, rows)
        rest = np.maximum(1.0 - chance, _SMALLEST)
        odds = chance * (1.0 - g) / rest
        gradient = (1.0 - label) * odds - label * (1.0 - g)
        curve = label * g * (1.0 - g) + (1.0 - label) * (odds * (1.0 - 2.0 * g) + odds**2)
        return gradient, np.maximum(curve, 0.1 * g * (1.0 - g) + 1e-9)


def base_rate(evidence: Evidence, rows: NDArray[np.int64]) -> float:
    """Return the one log-odds that fits these rows best, by Newton steps; between -12 and 12."""
    margin = -2.0
    for _ in range(200):
        gradient, curve = evidence.slope(np.full(len(rows), margin), rows)
        step = float(np.clip(gradient.sum() / curve.sum(), -1.0, 1.0))
        margin = float(np.clip(margin - step, -12.0, 12.0))
        if abs(step) < 1e-10:
            break
    return margin


def fit_win(
    table: Table,
    rows: NDArray[np.int64],
    evidence: Evidence,
    shape: Shape,
    seed: int,
    judged: NDArray[np.int64] | None = None,
) -> tuple[float, Trees]:
    """Boost the log-odds of g.

    Parameters
    ----------
    table
        Features of all leads.
    rows
        Leads to learn from.
    evidence
        What is known of all leads.
    shape
        Size of the trees.
    seed
        Seed of the feature sampling.
    judged
        Leads whose likelihood stops the fit.

    Returns
    -------
    tuple of float and Trees
        Start (the base rate's log-odds) and trees; their sum is the log-odds of g.
    """
    start = base_rate(evidence, rows)

    def objective(margin: Vector, chosen: NDArray[np.int64]) -> tuple[Vector, Vector]:
        return evidence.slope(start + margin, chosen)

    def loss(margin: Vector, chosen: NDArray[np.int64]) -> float:
        return evidence.loss(start + margin, chosen)

    checked: Objective = objective
    judge: tuple[NDArray[np.int64], Loss] | None = None if judged is None else (judged, loss)
    return start, boost(table, rows, checked, shape, seed, judge=judge)
