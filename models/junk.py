"""Is the lead junk? Learned from what people said: junk = 1, humanly engaged = 0, unknown left out.

Called junk counts as junk, and so does a lead on which rules of two independent families speak, where no
one engaged: sales marks only part of the junk, and of some kinds hardly any. What is learned is a sum of
log-odds: the rules, each with a weight of its own that is never negative, and trees grown on top of them.

The labelled leads are not a fair sample of all, so the learned log-odds are shifted to the share of junk
that the unlabelled leads show (Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a
classifier to new a priori probabilities"). The latest of the engaged leads teach nothing: they calibrate
the threshold of rejection (`models.guarantee`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.base import Matrix, Vector, sigmoid
from models.boosting import Shape, Table, boost
from models.guarantee import buyers_needed
from models.scorecard import Scorecard
from models.trees import Trees

Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]

FEW_LABELS = 30
SHAPE = Shape(rounds=800, leaves=8, learning_rate=0.05, min_leaf=10, l2=1.0, feature_share=0.3, patience=50)
FOLDS = 4
CALIBRATING_SHARE = 0.3
MOST_CALIBRATING = 0.6
_SPARE = 1.25
_MOST_SHIFT = 2.0
_RULE_SPREAD = 1.5


@dataclass(frozen=True)
class Junk:
    """Learned junk probability: sigmoid(shift + slope x (rules + trees)).

    Attributes
    ----------
    trees
        Grown on top of the rules.
    rules
        The rules with their learned weights over a common base.
    shift, slope
        Of the calibration.
    """

    trees: Trees
    rules: Scorecard
    shift: float
    slope: float

    def log_odds(self, matrix: Matrix, names: Sequence[str]) -> Vector:
        """Return the log-odds of junk, shape (rows,)."""
        return self.shift + self.slope * (self.rules.log_odds(matrix, names) + self.trees.raw(matrix))


@dataclass(frozen=True)
class JunkLabels:
    """What is known of n leads, arrays of shape (n,).

    Attributes
    ----------
    junk, engaged
        What people said; leads with neither are unknown.
    age_days
        Days from submit to the snapshot; nan where not known.
    group
        Near-duplicates share a number: they stand in one fold. The later ones of what was learned may calibrate, as
        later ones will be scored.
    """

    junk: Flags
    engaged: Flags
    age_days: Vector
    group: Rows

    def weights(self, half_life_days: float) -> Vector:
        """Return the weight of each label, 1 for the newest, half after the half-life.

        Examples
        --------
        >>> yes, age = np.array([True, True]), np.array([10.0, 100.0])
        >>> JunkLabels(yes, ~yes, age, np.arange(2)).weights(90.0).tolist()
        [1.0, 0.5]
        """
        known = self.age_days[np.isfinite(self.age_days)]
        if not len(known):
            return np.ones(len(self.junk))
        weights: Vector = 0.5 ** (np.nan_to_num(self.age_days - known.min()) / half_life_days)
        return weights

    def with_rules(self, families: Rows) -> JunkLabels:
        """Count a lead as junk, too, on which two families of rules speak and no one engaged."""
        return replace(self, junk=(self.junk | (families >= 2)) & ~self.engaged)

    def calibrating(self, alpha: float, delta: float) -> Flags:
        """Return which engaged leads are kept for the threshold: the latest, as many as the promise needs.

        None where they are too few for it even if most of them calibrate.
        """
        engaged = np.flatnonzero(self.engaged)
        needed = buyers_needed(alpha, delta)
        most = int(MOST_CALIBRATING * len(engaged))
        kept = np.zeros(len(self.engaged), dtype=bool)
        if most < needed:
            return kept
        wanted = min(max(int(CALIBRATING_SHARE * len(engaged)), int(_SPARE * needed)), most)
        newest = np.argsort(np.nan_to_num(self.age_days[engaged]), kind="stable")[:wanted]
        kept[engaged[newest]] = True
        return kept


@dataclass(frozen=True)
class Fitted:
    """A junk model, and the log-odds of each lead by one that had not seen its label, shape (n,)."""

    model: Junk
    outside: Vector


def fit_junk(table: Table, names: Sequence[str], labels: JunkLabels, weight: Vector, held: Flags, seed: int) -> Fitted:
    """Fit the junk model.

    Parameters
    ----------
    table
        Features of all leads, n rows, with the constraints of the junk probability.
    names
        Of the features.
    labels
        Of the n leads, with what the rules add.
    weight
        Of each label, shape (n,).
    held
        Leads kept for the threshold, shape (n,): they and all that came since teach nothing.
    seed
        Seed of folds and feature sampling.
    """
    early = _before(labels, held)
    labelled = np.flatnonzero((labels.junk | labels.engaged) & early)
    fold = _folds(labels.group[labelled], seed)
    lesson = _Lesson(table, names, labels.junk, weight, seed)
    parts = [lesson.fit(labelled[fold != number], validation_rows=labelled[fold == number]) for number in range(FOLDS)]
    said = np.stack([part.log_odds(table.matrix, names) for part in parts])
    rounds = max(1, int(np.mean([part.trees.n_trees for part in parts])))
    model = lesson.fit(labelled, rounds=rounds)
    outside = model.log_odds(table.matrix, names)
    outside[labelled] = said[fold, labelled]
    shift, slope = _platt(outside[labelled], labels.junk[labelled], weight[labelled])
    outside = shift + slope * outside
    prior = prior_shift(outside, labels.junk, labels.engaged)
    return Fitted(replace(model, shift=shift + prior, slope=slope), outside + prior)


def _before(labels: JunkLabels, held: Flags) -> Flags:
    """Return the leads before the first that calibrates; all of them where none does."""
    if not held.any():
        return np.ones(len(held), dtype=bool)
    age = np.nan_to_num(labels.age_days)
    oldest = age[held].max()
    return np.asarray((age > oldest) | ((age == oldest) & ~held))


def _folds(group: Rows, seed: int) -> Rows:
    """Return the fold of each row; rows of one group share it."""
    _, number = np.unique(group, return_inverse=True)
    order = np.random.default_rng(seed).permutation(int(number.max(initial=0)) + 1)
    folds: Rows = order[number] % FOLDS
    return folds


@dataclass(frozen=True)
class _Lesson:
    """What every fold learns from."""

    table: Table
    names: Sequence[str]
    junk: Flags
    weight: Vector
    seed: int

    def fit(self, rows: Rows, *, validation_rows: Rows | None = None, rounds: int | None = None) -> Junk:
        card = fit_rules(
            Scorecard.shipped("junk"), self.table.matrix[rows], self.names, self.junk[rows], self.weight[rows]
        )
        base, junk, weight = card.log_odds(self.table.matrix, self.names), self.junk, self.weight

        def objective(margin: Vector, chosen: Rows) -> tuple[Vector, Vector]:
            p = sigmoid(base[chosen] + margin)
            return weight[chosen] * (p - junk[chosen]), weight[chosen] * np.maximum(p * (1.0 - p), 1e-6)

        def loss(margin: Vector, chosen: Rows) -> float:
            return _log_loss(base[chosen] + margin, junk[chosen], weight[chosen])

        shape = SHAPE if rounds is None else SHAPE.with_rounds(rounds)
        validation = None if validation_rows is None else (validation_rows, loss)
        return Junk(boost(self.table, rows, objective, shape, self.seed, validation=validation), card, 0.0, 1.0)


def fit_rules(card: Scorecard, matrix: Matrix, names: Sequence[str], junk: Flags, weight: Vector) -> Scorecard:
    """Return a card with weights learned from labels, drawn toward those of the card, and none below 0.

    Parameters
    ----------
    card
        The rules with their weights in log-odds.
    matrix, names
        Features of the labelled leads, shape (n, n_features).
    junk, weight
        Label and weight of each, shape (n,).
    """
    rules = tuple(rule for rule in card.rules if rule.known(names))
    speaks = np.column_stack([np.ones(len(matrix)), Scorecard(0.0, rules).holds(matrix, names)])
    prior = np.array([0.0, *(rule.log_odds for rule in rules)])
    spread = np.array([1e3, *np.full(len(rules), _RULE_SPREAD)])

    def loss(parameters: Vector) -> tuple[float, Vector]:
        line = speaks @ parameters
        pull = (parameters - prior) / spread
        slope = speaks.T @ (weight * (sigmoid(line) - junk)) + pull / spread
        return len(junk) * _log_loss(line, junk, weight) * float(weight.mean()) + 0.5 * float(pull @ pull), slope

    bounds = [(-12.0, 12.0), *[(0.0, 12.0)] * len(rules)]
    best = minimize(loss, np.clip(prior, -12.0, 12.0), jac=True, method="L-BFGS-B", bounds=bounds).x
    learned = tuple(replace(rule, log_odds=float(w)) for rule, w in zip(rules, best[1:], strict=True))
    return Scorecard(float(best[0]), learned)


def prior_shift(log_odds: Vector, junk: Flags, engaged: Flags) -> float:
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


def _log_loss(log_odds: Vector, label: Flags, weight: Vector) -> float:
    return float(np.average(np.logaddexp(0.0, log_odds) - label * log_odds, weights=weight))


def _platt(log_odds: Vector, label: Flags, weight: Vector) -> tuple[float, float]:
    def loss(parameters: Vector) -> float:
        line = parameters[0] + np.exp(parameters[1]) * log_odds
        penalty = 0.5 * float(parameters[0] ** 2 + (parameters[1] / 0.3) ** 2)
        return float(weight.sum()) * _log_loss(line, label, weight) + penalty

    best = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (-1.5, 1.5)])
    return float(best.x[0]), float(np.exp(best.x[1]))
