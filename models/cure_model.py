"""Mixture cure model of the win probability with censored outcomes, fitted by boosting.

With G = (1 - junk) x g the probability to win within the horizon, and S and L the probabilities that a winner and a
loser are still open at the age of the lead, a lead contributes

    won  log G        lost  log(1 - G)        open  log(G S + (1 - G) L)

(Farewell 1982, "The use of mixture models for the analysis of survival data with long-term
survivors"; Chapelle 2014, "Modeling delayed feedback in display advertising"; L is the competing
time at which sales closes a loser). The gradient of the open term is that of a soft label, the
probability that the lead will win.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from leadworth.arrays import Flags, Indices, Vector
from models.boosting import BoosterDataset, BoosterParams, Loss, boost
from models.log_odds import sigmoid
from models.trees import Trees

ALL = slice(None)
MOST_EVIDENCE = 100_000.0
"""Leads that the evidence on a level counts for at most."""
_SMALLEST = 1e-12


@dataclass(frozen=True)
class CensoredOutcomes:
    """Censored outcomes of n leads at the snapshot, arrays of shape (n,).

    Attributes
    ----------
    won, lost
        Outcomes; leads with neither are open.
    winner_open, loser_open
        Probabilities S and L that a winner and a loser are still open at the age of the lead.
    genuine
        1 - junk probability.
    weight
        Number of leads that each represents; None: one.
    """

    won: Flags
    lost: Flags
    winner_open: Vector
    loser_open: Vector
    genuine: Vector
    weight: Vector | None = None

    def of(self, rows: Indices) -> CensoredOutcomes:
        """Return the outcomes of some of the leads."""
        return CensoredOutcomes(
            self.won[rows],
            self.lost[rows],
            self.winner_open[rows],
            self.loser_open[rows],
            self.genuine[rows],
            None if self.weight is None else self.weight[rows],
        )

    def tempered(self) -> CensoredOutcomes:
        """Return the outcomes with weights that add up to at most `MOST_EVIDENCE` leads.

        No model of the delays and of the closing of losers is exact. With very many leads the likelihood outweighs
        every prior, and a small error of these models can change a level by much. A likelihood raised to a power, as
        if there were fewer leads, allows for such errors (Miller and Dunson 2019, "Robust Bayesian inference via
        coarsening").

        Examples
        --------
        >>> half = np.full(200_000, 0.5)
        >>> CensoredOutcomes(half > 1, half > 1, half, half, half).tempered().weight[:2].tolist()
        [0.5, 0.5]
        """
        if self.total <= MOST_EVIDENCE:
            return self
        power = MOST_EVIDENCE / self.total
        return replace(self, weight=np.full(len(self.won), power) if self.weight is None else power * self.weight)

    @cached_property
    def total(self) -> float:
        """Number of leads that the n leads represent."""
        return float(len(self.won)) if self.weight is None else float(self.weight.sum())

    def label(self, chance: Vector, rows: Indices | slice = ALL) -> Vector:
        """Return the probability that each lead is a winner, given its outcome and G, shape (len(rows),)."""
        winner = chance * self.winner_open[rows]
        loser = (1.0 - chance) * self.loser_open[rows]
        soft = winner / np.maximum(winner + loser, _SMALLEST)
        return np.where(self.won[rows], 1.0, np.where(self.lost[rows], 0.0, soft))

    def loss(self, margin: Vector, rows: Indices | slice = ALL) -> float:
        """Return the mean negative log-likelihood of margins (log-odds of g)."""
        chance = self.genuine[rows] * sigmoid(margin)
        won = self.won[rows]
        closed = np.where(won, chance, 1.0 - chance)
        still_open = chance * self.winner_open[rows] + (1.0 - chance) * self.loser_open[rows]
        likelihood = np.where(won | self.lost[rows], closed, still_open)
        losses = -np.log(np.maximum(likelihood, _SMALLEST))
        return float(losses.mean() if self.weight is None else np.average(losses, weights=self.weight[rows]))

    def derivatives(self, margin: Vector, rows: Indices | slice = ALL) -> tuple[Vector, Vector]:
        """Return gradient and curvature of the negative log-likelihood, per lead, times its weight.

        The curvature is that of the expected complete-data likelihood (EM), an upper bound, and is kept positive.
        """
        g = sigmoid(margin)
        chance = self.genuine[rows] * g
        label = self.label(chance, rows)
        odds = chance * (1.0 - g) / np.maximum(1.0 - chance, _SMALLEST)
        gradient = (1.0 - label) * odds - label * (1.0 - g)
        curve = label * g * (1.0 - g) + (1.0 - label) * (odds * (1.0 - 2.0 * g) + odds**2)
        curve = np.maximum(curve, 0.1 * g * (1.0 - g) + 1e-9)
        if self.weight is None:
            return gradient, curve
        return self.weight[rows] * gradient, self.weight[rows] * curve

    def observed_curvature(self, margin: Vector) -> Vector:
        """Return the second derivative of the negative log-likelihood, per lead, times its weight; it may be negative.

        It is what `derivatives` bounds from above, for methods that converge faster with it and check each step.
        """
        g = sigmoid(margin)
        chance = self.genuine * g
        first, second = chance * (1.0 - g), chance * (1.0 - g) * (1.0 - 2.0 * g)
        closed = ~self.won & self.lost
        loser_open = np.where(closed, 1.0, self.loser_open)
        change = np.where(self.won, 1.0, np.where(closed, 0.0, self.winner_open)) - np.where(self.won, 0.0, loser_open)
        likelihood = chance * change + np.where(self.won, 0.0, loser_open)
        score = change / np.maximum(likelihood, _SMALLEST)
        curve: Vector = (first * score) ** 2 - second * score
        return curve if self.weight is None else self.weight * curve


def fit_win(
    table: BoosterDataset,
    rows: Indices,
    evidence: CensoredOutcomes,
    shape: BoosterParams,
    seed: int,
    level: Vector,
    validation_rows: Indices | None = None,
) -> Trees:
    """Boost the log-odds of g on top of an intercept.

    Parameters
    ----------
    table
        Features of all n leads.
    rows
        Row numbers of the training set.
    evidence
        Censored outcomes of all leads.
    shape
        Size and number of the trees.
    seed
        Seed of the feature sampling.
    level
        Intercept of all leads, shape (n,).
    validation_rows
        Leads whose likelihood stops the fit early; None fits all rounds.
    """

    def objective(margin: Vector, index: Indices) -> tuple[Vector, Vector]:
        return evidence.derivatives(level[index] + margin, index)

    def loss(margin: Vector, index: Indices) -> float:
        return evidence.loss(level[index] + margin, index)

    validation: tuple[Indices, Loss] | None = None if validation_rows is None else (validation_rows, loss)
    return boost(table, rows, objective, shape, seed, validation=validation)
