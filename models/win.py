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
from models.boosting import Loss, Shape, Table, boost
from models.trees import Trees

_SMALLEST = 1e-12
TREND_SPREAD = 0.3
"""Prior standard deviation of the yearly drift of the log-odds."""


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


@dataclass(frozen=True)
class Level:
    """Log-odds that all leads share: `now` for the newest lead, `per_year` for each year before it.

    Markets drift. The trend is learned from the whole history and left at the newest lead, not
    extrapolated; without it the level would be that of the average, older lead.
    """

    now: float
    per_year: float = 0.0

    def at(self, years_before: Vector) -> Vector:
        """Return the level of leads of these ages, shape (n,)."""
        return self.now + self.per_year * years_before


def fit_level(evidence: Evidence, rows: NDArray[np.int64], margin: Vector, years_before: Vector | None = None) -> Level:
    """Fit the level that these rows need beside their margins, by Newton steps.

    Parameters
    ----------
    evidence
        What is known of all leads.
    rows
        Leads to fit.
    margin
        Log-odds that the level is added to, shape (len(rows),).
    years_before
        Years from submit to that of the newest lead, shape (len(rows),); None for no trend.
    """
    years = np.zeros(len(rows)) if years_before is None else years_before
    design = np.stack([np.ones(len(rows)), years])
    prior = np.diag([1e-6, 1e12 if years_before is None else TREND_SPREAD**-2])
    level = np.array([-2.0, 0.0])
    for _ in range(300):
        gradient, curve = evidence.slope(level @ design + margin, rows)
        step = np.linalg.solve((design * curve) @ design.T + prior, design @ gradient + prior @ [0.0, level[1]])
        level = np.clip(level - np.clip(step, -1.0, 1.0), [-12.0, -2.0], [12.0, 2.0])
        if np.abs(step).max() < 1e-9:
            break
    return Level(float(level[0]), float(level[1]))


def fit_win(
    table: Table,
    rows: NDArray[np.int64],
    evidence: Evidence,
    shape: Shape,
    seed: int,
    level: Vector,
    validation_rows: NDArray[np.int64] | None = None,
) -> Trees:
    """Boost the log-odds of g over a level.

    Parameters
    ----------
    table
        Features of all n leads.
    rows
        Leads to learn from.
    evidence
        What is known of all leads.
    shape
        Size of the trees.
    seed
        Seed of the feature sampling.
    level
        Log-odds that the trees add to, shape (n,).
    validation_rows
        Leads whose likelihood stops the fit early; None fits all rounds.
    """

    def objective(margin: Vector, chosen: NDArray[np.int64]) -> tuple[Vector, Vector]:
        return evidence.slope(level[chosen] + margin, chosen)

    def loss(margin: Vector, chosen: NDArray[np.int64]) -> float:
        return evidence.loss(level[chosen] + margin, chosen)

    validation: tuple[NDArray[np.int64], Loss] | None = None if validation_rows is None else (validation_rows, loss)
    return boost(table, rows, objective, shape, seed, validation=validation)
