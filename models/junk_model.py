"""Junk model: scorecard with learned weights plus boosted trees, from three-state labels.

Labels are junk (1), humanly engaged (0) and unknown (dropped). Leads marked as junk are junk, and so are leads without
engagement on which rules of two independent families hold, because sales marks only part of the junk. The log-odds are
the sum of the rules, whose weights are never negative and bounded, and trees fitted on top of them.

The labelled leads are not a representative sample, so the log-odds are shifted to the share of junk among all leads
(Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori probabilities"). The
latest engaged leads are not in the training set: they calibrate the rejection threshold (`Guarantee`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector
from models.boosting import BoosterDataset, BoosterParams, boost
from models.log_odds import sigmoid
from models.np_threshold import buyers_needed
from models.scorecard import Scorecard
from models.trees import Trees

FEW_LABELS = 30
SHAPE = BoosterParams(rounds=800, leaves=8, learning_rate=0.05, min_leaf=10, l2=1.0, feature_share=0.3, patience=50)
FOLDS = 4
CALIBRATING_SHARE = 0.3
MAXIMUM_CALIBRATING_SHARE = 0.6
_SURPLUS = 1.25
_MAXIMUM_SHIFT = 2.0
_RULE_SPREAD = 1.5
UNSUPPORTED_WEIGHT = 2.0
"""Weight of a rule that training may always reach; more only as far as the labels, or the scorecard, support it."""
_CONFIDENCE = 1.645


@dataclass(frozen=True)
class JunkModel:
    """Junk model: sigmoid(shift + slope x (rules + trees)).

    Attributes
    ----------
    trees
        Trees fitted on top of the rules.
    rules
        Scorecard with learned weights.
    shift, slope
        Calibration line in log-odds.
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
    """Labels of n leads, arrays of shape (n,).

    Attributes
    ----------
    junk, engaged
        The labels; leads with neither are unknown.
    age_days
        Days from submit to the snapshot; nan if unknown.
    group
        Number of the group of near-duplicates. A group is in one fold of the cross-validation.
    weight
        Number of leads that each represents; None: one.
    typical
        Leads that are a random sample of all; None: every lead.
    """

    junk: Flags
    engaged: Flags
    age_days: Vector
    group: Indices
    weight: Vector | None = None
    typical: Flags | None = None

    def weights(self, half_life_days: float) -> Vector:
        """Return the weights of the labels: 1 for the newest, halved with each half-life, times `weight`, shape (n,).

        Examples
        --------
        >>> yes, age = np.array([True, True]), np.array([10.0, 100.0])
        >>> JunkLabels(yes, ~yes, age, np.arange(2)).weights(90.0).tolist()
        [1.0, 0.5]
        """
        represented = np.ones(len(self.junk)) if self.weight is None else self.weight
        ages = self.age_days[np.isfinite(self.age_days)]
        if not len(ages):
            return represented
        weights: Vector = represented * 0.5 ** (np.nan_to_num(self.age_days - ages.min()) / half_life_days)
        return weights

    def of_typical(self) -> JunkLabels:
        """Return the labels of the typical leads alone."""
        if self.typical is None:
            return self
        rows = self.typical
        return JunkLabels(self.junk[rows], self.engaged[rows], self.age_days[rows], self.group[rows])

    def with_rules(self, families: Indices) -> JunkLabels:
        """Add junk labels for leads without engagement on which rules of two families hold."""
        return replace(self, junk=(self.junk | (families >= 2)) & ~self.engaged)

    @property
    def usable_buyers(self) -> int:
        """The most engaged leads that may be kept out of the training set to calibrate the threshold."""
        return int(MAXIMUM_CALIBRATING_SHARE * len(self._typical_engaged))

    @property
    def _typical_engaged(self) -> Indices:
        return np.flatnonzero(self.engaged if self.typical is None else self.engaged & self.typical)

    def calibrating(self, alpha: float, delta: float) -> Flags:
        """Return the calibration set of the threshold, shape (n,): the latest engaged leads, as many as it needs.

        The set is empty if there are too few engaged leads for the guarantee. Only typical leads are in it: the
        threshold is an order statistic of leads drawn at random.
        """
        engaged = self._typical_engaged
        needed = buyers_needed(alpha, delta)
        maximum = self.usable_buyers
        calibrating = np.zeros(len(self.engaged), dtype=bool)
        if maximum < needed:
            return calibrating
        count = min(max(int(CALIBRATING_SHARE * len(engaged)), int(_SURPLUS * needed)), maximum)
        newest = np.argsort(np.nan_to_num(self.age_days[engaged]), kind="stable")[:count]
        calibrating[engaged[newest]] = True
        return calibrating


@dataclass(frozen=True)
class Fitted:
    """A junk model, and out-of-fold log-odds of each lead, shape (n,)."""

    model: JunkModel
    outside: Vector


def fit_junk(
    table: BoosterDataset,
    names: Sequence[str],
    labels: JunkLabels,
    weight: Vector,
    calibrating: Flags,
    seed: int,
    card: Scorecard,
) -> Fitted:
    """Fit the junk model.

    Parameters
    ----------
    table
        Features of all n leads, with the constraints of the junk model.
    names
        Names of the features.
    labels
        Labels, including those from rules.
    weight
        Weights of the labels, shape (n,).
    calibrating
        Calibration set of the threshold, shape (n,); it and all later leads are not in the training set.
    seed
        Seed of folds and feature sampling.
    card
        Scorecard with the prior weights of the rules.
    """
    early = _before(labels, calibrating)
    labelled = np.flatnonzero((labels.junk | labels.engaged) & early)
    fold = _folds(labels.group[labelled], seed)
    trainer = _Trainer(table, names, labels.junk, weight, seed, card)
    from joblib import Parallel, delayed  # for fits only

    parts = Parallel()(
        delayed(trainer.fit)(labelled[fold != number], validation_rows=labelled[fold == number])
        for number in range(FOLDS)
    )
    by_fold = np.stack([part.log_odds(table.matrix, names) for part in parts])
    rounds = max(1, int(np.mean([part.trees.n_trees for part in parts])))
    model = trainer.fit(labelled, rounds=rounds)
    outside = model.log_odds(table.matrix, names)
    outside[labelled] = by_fold[fold, labelled]
    shift, slope = _platt(outside[labelled], labels.junk[labelled], weight[labelled])
    outside = shift + slope * outside
    prior = prior_shift(outside, labels.junk, labels.engaged, labels.weight)
    return Fitted(replace(model, shift=shift + prior, slope=slope), outside + prior)


def _before(labels: JunkLabels, calibrating: Flags) -> Flags:
    """Return the leads before the calibration set; all leads if that is empty."""
    if not calibrating.any():
        return np.ones(len(calibrating), dtype=bool)
    age = np.nan_to_num(labels.age_days)
    oldest = age[calibrating].max()
    return np.asarray((age > oldest) | ((age == oldest) & ~calibrating))


def _folds(group: Indices, seed: int) -> Indices:
    """Return the fold of each row; the rows of a group are in one fold."""
    _, number = np.unique(group, return_inverse=True)
    order = np.random.default_rng(seed).permutation(int(number.max(initial=0)) + 1)
    folds: Indices = order[number] % FOLDS
    return folds


@dataclass(frozen=True)
class _Trainer:
    """Training data of all folds."""

    table: BoosterDataset
    names: Sequence[str]
    junk: Flags
    weight: Vector
    seed: int
    card: Scorecard

    def fit(self, rows: Indices, *, validation_rows: Indices | None = None, rounds: int | None = None) -> JunkModel:
        card = fit_rules(self.card, self.table.matrix, self.names, self.junk, self.weight, rows)
        base = card.log_odds(self.table.matrix, self.names)
        junk = self.junk
        weight = self.weight

        def objective(margin: Vector, index: Indices) -> tuple[Vector, Vector]:
            p = sigmoid(base[index] + margin)
            return weight[index] * (p - junk[index]), weight[index] * np.maximum(p * (1.0 - p), 1e-6)

        def loss(margin: Vector, index: Indices) -> float:
            return _log_loss(base[index] + margin, junk[index], weight[index])

        shape = SHAPE if rounds is None else SHAPE.with_rounds(rounds)
        validation = None if validation_rows is None else (validation_rows, loss)
        return JunkModel(boost(self.table, rows, objective, shape, self.seed, validation=validation), card, 0.0, 1.0)


def fit_rules(
    card: Scorecard, matrix: Matrix, names: Sequence[str], junk: Flags, weight: Vector, rows: Indices | None = None
) -> Scorecard:
    """Return a scorecard with non-negative weights learned from labels, with those of the card as prior means.

    A single rule decides little on its own: a weak sign weighs at most `ScorecardRule.most`; another rule weighs more
    than on the card, and than `UNSUPPORTED_WEIGHT`, only as far as `supported_weights` allows.

    Parameters
    ----------
    card
        Scorecard with prior weights.
    matrix, names
        Features, shape (n, n_features), and their names.
    junk, weight
        Labels and their weights, shape (n,).
    rows
        Row numbers of the labelled leads; None: all n.
    """
    rules = tuple(rule for rule in card.rules if rule.is_available(names))
    if rows is not None:
        junk, weight = junk[rows], weight[rows]
    holds = Scorecard(0.0, rules).holds(matrix, names, rows)
    design = np.column_stack([np.ones(len(holds)), holds])
    prior = np.array([0.0, *(rule.log_odds for rule in rules)])
    spread = np.array([1e3, *np.full(len(rules), _RULE_SPREAD)])

    def loss(parameters: Vector) -> tuple[float, Vector]:
        log_odds = design @ parameters
        deviation = (parameters - prior) / spread
        gradient = design.T @ (weight * (sigmoid(log_odds) - junk)) + deviation / spread
        total = len(junk) * _log_loss(log_odds, junk, weight) * float(weight.mean())
        return total + 0.5 * float(deviation @ deviation), gradient

    supported = supported_weights(holds, junk, weight)
    bounds = [(-12.0, 12.0)]
    for rule, limit in zip(rules, supported.tolist(), strict=True):
        bounds.append((0.0, max(rule.log_odds, UNSUPPORTED_WEIGHT, limit) if rule.most is None else rule.most))
    from scipy.optimize import minimize  # for fits only

    best = minimize(loss, np.clip(prior, -12.0, 12.0), jac=True, method="L-BFGS-B", bounds=bounds).x
    learned = tuple(replace(rule, log_odds=float(w)) for rule, w in zip(rules, best[1:], strict=True))
    return Scorecard(float(best[0]), learned, card.rules_only)


def supported_weights(holds: Flags, junk: Flags, weight: Vector) -> Vector:
    """Return the lower confidence limit of the log likelihood ratio of each rule, shape (rules,).

    A rule is as strong a sign of junk as it is more frequent among junk than among engaged leads. The limit is 95 %
    one-sided, by the delta method with half a lead added to each count.

    Parameters
    ----------
    holds
        Which rules hold, shape (n, rules).
    junk, weight
        Labels and their weights, shape (n,).

    Examples
    --------
    >>> holds = np.repeat([True, False, True, False], [40, 60, 2, 98])[:, None]
    >>> label = np.repeat([True, False], 100)
    >>> supported_weights(holds, label, np.ones(200)).round(1).tolist()
    [1.7]
    """
    logs = []
    variance = np.zeros(holds.shape[1])
    for rows in (junk, ~junk):
        total = weight[rows].sum() + 1.0
        hits = weight[rows] @ holds[rows] + 0.5
        logs.append(np.log(hits / total))
        variance += 1.0 / hits - 1.0 / total
    limits: Vector = logs[0] - logs[1] - _CONFIDENCE * np.sqrt(variance)
    return limits


def prior_shift(log_odds: Vector, junk: Flags, engaged: Flags, weight: Vector | None = None) -> float:
    """Return the shift of the log-odds to the share of junk among all leads, within 2 of 0.

    `weight` is the number of leads that each represents; None: one.

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
    labelled_share = float(np.average(junk[labelled], weights=None if weight is None else weight[labelled]))
    prior = labelled_share
    for _ in range(500):
        shift = np.log(prior / (1.0 - prior)) - np.log(labelled_share / (1.0 - labelled_share))
        posterior = np.where(labelled, junk, sigmoid(log_odds + shift))
        updated = float(np.clip(np.average(posterior, weights=weight), 1e-4, 1.0 - 1e-4))
        if abs(updated - prior) < 1e-9:
            break
        prior = updated
    shift = np.log(prior / (1.0 - prior)) - np.log(labelled_share / (1.0 - labelled_share))
    return float(np.clip(shift, -_MAXIMUM_SHIFT, _MAXIMUM_SHIFT))


def _log_loss(log_odds: Vector, label: Flags, weight: Vector) -> float:
    return float(np.average(np.logaddexp(0.0, log_odds) - label * log_odds, weights=weight))


def _platt(log_odds: Vector, label: Flags, weight: Vector) -> tuple[float, float]:
    def loss(parameters: Vector) -> float:
        line = parameters[0] + np.exp(parameters[1]) * log_odds
        penalty = 0.5 * float(parameters[0] ** 2 + (parameters[1] / 0.3) ** 2)
        return float(weight.sum()) * _log_loss(line, label, weight) + penalty

    from scipy.optimize import minimize  # for fits only

    best = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-3.0, 3.0), (-1.5, 1.5)])
    return float(best.x[0]), float(np.exp(best.x[1]))
