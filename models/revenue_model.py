"""Revenue model: expected revenue of a win, for heavy-tailed revenue, few wins and slow large deals.

Log revenue is boosted with squared error and strong shrinkage toward the mean; source, medium and campaign have effects
of their own, fitted to the residuals. A factor that makes the predicted sum the actual sum converts it to money
(smearing, Duan 1983, "Smearing estimate: a nonparametric retransformation method"). Each observed win has the weight
1 / F, where F is the probability that a win of its size has occurred by the snapshot; without the weights the
expectation would be that of small, quick deals.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector
from models.boosting import BoosterDataset, BoosterParams, boost, stump
from models.category_effects import CategoryEffects, fit_category_effects
from models.code_table import by_code, look_up
from models.trees import Trees

MAXIMUM_WEIGHT = 5.0
"""Maximum of 1 / F, so that no single win dominates."""
FEW_WINS = 100
"""Minimum wins with revenue for trees; with fewer the expectation is the mean, with effects of the categories."""
_CHANNEL_PRIOR_WINS = 40.0


@dataclass(frozen=True)
class RevenueModel:
    """Expected revenue of a win.

    Attributes
    ----------
    intercept, trees
        Expected log revenue = intercept + margin of the trees + effects.
    spread
        Standard deviation of log revenue around its prediction.
    factor
        Smearing factor from the exponential of log revenue to money.
    channels
        Factor by code of the channel for its share of wins without revenue; 1 for other codes.
    effects
        Effects of categories on the log revenue.
    unit
        True if the history has no revenue: every win then counts 1, and predicted values are numbers of wins.
    """

    intercept: float
    trees: Trees
    spread: float
    factor: float
    channels: dict[int, float] = field(default_factory=dict)
    effects: CategoryEffects = field(default_factory=CategoryEffects)
    unit: bool = False

    def log_size(self, matrix: Matrix) -> Vector:
        """Return the expected log revenue, shape (rows,)."""
        return self.intercept + self.trees.raw(matrix) + self.effects.of(matrix)

    def money(self, log_size: Vector, channel: Vector | None) -> Vector:
        """Return the expected revenue from the expected log revenue, shape (rows,)."""
        if self.unit:
            return np.ones(len(log_size))
        return self.factor * np.exp(log_size) * self.channel_factors(channel, len(log_size))

    def channel_factors(self, channel: Vector | None, rows: int) -> Vector:
        """Return the factor of the channel of each row, shape (rows,)."""
        return np.ones(rows) if channel is None else look_up(np.ascontiguousarray(channel), self._table)

    @cached_property
    def _table(self) -> Vector:
        return by_code(self.channels, 1.0)


def no_revenue(table: BoosterDataset) -> RevenueModel:
    """Return the model of a history without revenue: every win counts 1."""
    return RevenueModel(0.0, stump(table), 0.0, 1.0, unit=True)


def fit_revenue(
    table: BoosterDataset,
    rows: Indices,
    revenue: Vector,
    weight: Vector,
    categories: tuple[int, ...],
    shape: BoosterParams,
    seed: int,
    folds: int = 4,
) -> RevenueModel:
    """Fit the revenue model to wins.

    Parameters
    ----------
    table
        Features of all leads.
    rows
        Row numbers of the wins with revenue above 0.
    revenue
        Revenue of all leads, shape (n,).
    weight
        1 / F of each win, shape (n,), at most `MAXIMUM_WEIGHT`.
    categories
        Columns of the categories that have effects.
    shape
        Size and maximum number of the trees.
    seed
        Seed of folds and feature sampling.
    """
    logs = np.log(np.maximum(revenue, 1e-9))
    start = float(np.average(logs[rows], weights=weight[rows]))

    def objective(margin: Vector, index: Indices) -> tuple[Vector, Vector]:
        return weight[index] * (start + margin - logs[index]), weight[index]

    def loss(margin: Vector, index: Indices) -> float:
        return float(np.average((start + margin - logs[index]) ** 2, weights=weight[index]))

    outside = np.full(len(rows), start)
    trees = stump(table)
    if len(rows) >= FEW_WINS:
        fold = np.random.default_rng(seed).permutation(len(rows)) % folds
        from joblib import Parallel, delayed  # for fits only

        fitted = Parallel()(
            delayed(boost)(table, rows[fold != number], objective, shape, seed, validation=(rows[fold == number], loss))
            for number in range(folds)
        )
        tree_counts = []
        for number, part in enumerate(fitted):
            outer = rows[fold == number]
            outside[fold == number] = start + part.raw(table.matrix[outer])
            tree_counts.append(part.n_trees if np.ptp(part.raw(table.matrix[outer])) > 0 else 0)
        rounds = int(np.mean(tree_counts))
        if rounds:
            trees = boost(table, rows, objective, shape.with_rounds(rounds), seed)
    spread = float(np.sqrt(np.average((logs[rows] - outside) ** 2, weights=weight[rows])))
    effects = fit_category_effects(table.matrix[rows], categories, logs[rows] - outside, weight[rows], spread)
    predicted = np.exp(outside + effects.of(table.matrix[rows]))
    factor = float(np.sum(weight[rows] * revenue[rows]) / np.sum(weight[rows] * predicted))
    return RevenueModel(start, trees, spread, factor, effects=effects)


def with_unpaid(revenue: RevenueModel, paid: Flags, channel: Vector | None) -> RevenueModel:
    """Include wins whose revenue is 0: the expectation is P(revenue > 0) x E(revenue if above 0).

    Parameters
    ----------
    revenue
        Model fitted to the wins with revenue above 0.
    paid
        Whether the revenue is above 0, for all wins with known revenue, shape (wins,).
    channel
        Codes of their channel, shape (wins,), or None. The share of a channel is shrunk toward the overall share.

    Examples
    --------
    >>> table = BoosterDataset(np.zeros((4, 1)), ())
    >>> priced = RevenueModel(0.0, stump(table), 1.0, 10.0)
    >>> with_unpaid(priced, np.array([True, False]), None).factor
    5.0
    """
    share = float(paid.mean())
    channels: dict[int, float] = {}
    if channel is not None and share < 1.0:
        for code in np.unique(channel[np.isfinite(channel)]):
            own = np.asarray(channel == code)
            shrunk = (paid[own].sum() + _CHANNEL_PRIOR_WINS * share) / (own.sum() + _CHANNEL_PRIOR_WINS)
            channels[int(code)] = float(shrunk) / share
    return replace(revenue, factor=revenue.factor * share, channels=channels)
