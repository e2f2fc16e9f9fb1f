"""Expected revenue of a win: heavy tails, few wins, and the large ones come last.

Log revenue is boosted with squared error, small steps and strong shrinkage toward the mean, then
brought back to money by one factor that makes the predicted sum the actual one (smearing, Duan 1983,
"Smearing estimate: a nonparametric retransformation method"), and by a factor per channel that is
shrunk toward 1. Every win seen stands for 1 / F wins like it, where F is the chance that a win of its
size has come by the snapshot; otherwise the money would be that of small, quick deals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.base import Matrix, Vector
from models.boosting import Shape, Table, boost, stump
from models.code_table import by_code, look_up
from models.trees import Trees

MAXIMUM_WEIGHT = 5.0
"""Cap of 1 / F: beyond it a single win would stand for too many unseen ones."""
FEW_WINS = 100
"""Below this many wins with revenue the expectation is the mean, by channel."""
_CHANNEL_PRIOR_WINS = 40.0


@dataclass(frozen=True)
class Revenue:
    """Expected revenue of a win.

    `unit` is True where no revenue was ever recorded: every win is then worth 1, and predicted values
    are wins, not money. `spread` is the standard deviation of log revenue around its prediction.
    """

    intercept: float
    trees: Trees
    spread: float
    factor: float
    channels: dict[int, float]
    unit: bool = False

    def log_size(self, matrix: Matrix) -> Vector:
        """Return the expected log revenue, shape (rows,)."""
        return self.intercept + self.trees.raw(matrix)

    def money(self, log_size: Vector, channel: Vector | None) -> Vector:
        """Return the expected revenue of wins with these expected log sizes, shape (rows,)."""
        if self.unit:
            return np.ones(len(log_size))
        return self.factor * np.exp(log_size) * self.channel_factors(channel, len(log_size))

    def channel_factors(self, channel: Vector | None, rows: int) -> Vector:
        """Return the factor of each row's channel, shape (rows,)."""
        return np.ones(rows) if channel is None else look_up(np.ascontiguousarray(channel), self._table)

    @cached_property
    def _table(self) -> Vector:
        return by_code(self.channels, 1.0)


def no_revenue(table: Table) -> Revenue:
    """Return the model of a history without money: every win counts 1."""
    return Revenue(0.0, stump(table), 0.0, 1.0, {}, unit=True)


def fit_revenue(
    table: Table,
    rows: NDArray[np.int64],
    revenue: Vector,
    weight: Vector,
    channel: Vector | None,
    shape: Shape,
    seed: int,
    folds: int = 4,
) -> Revenue:
    """Fit the revenue of the wins in `rows`.

    Parameters
    ----------
    table
        Features of all leads.
    rows
        Wins with a revenue above 0.
    revenue
        Revenue of all leads, shape (n,).
    weight
        Number of wins that each win stands for, shape (n,); see `MAXIMUM_WEIGHT`.
    channel
        Codes of the channel, shape (n,), or None.
    shape
        Size of the trees; `rounds` is the most there may be.
    seed
        Seed of folds and feature sampling.
    """
    logs = np.log(np.maximum(revenue, 1e-9))
    start = float(np.average(logs[rows], weights=weight[rows]))

    def objective(margin: Vector, chosen: NDArray[np.int64]) -> tuple[Vector, Vector]:
        return weight[chosen] * (start + margin - logs[chosen]), weight[chosen]

    def loss(margin: Vector, chosen: NDArray[np.int64]) -> float:
        return float(np.average((start + margin - logs[chosen]) ** 2, weights=weight[chosen]))

    outside = np.full(len(rows), start)
    trees = stump(table)
    if len(rows) >= FEW_WINS:
        fold = np.random.default_rng(seed).permutation(len(rows)) % folds
        grown = []
        for number in range(folds):
            inner, outer = rows[fold != number], rows[fold == number]
            part = boost(table, inner, objective, shape, seed, validation=(outer, loss))
            outside[fold == number] = start + part.raw(table.matrix[outer])
            grown.append(part.n_trees if np.ptp(part.raw(table.matrix[outer])) > 0 else 0)
        rounds = int(np.mean(grown))
        if rounds:
            trees = boost(table, rows, objective, shape.with_rounds(rounds), seed)
    spread = float(np.sqrt(np.average((logs[rows] - outside) ** 2, weights=weight[rows])))
    predicted = np.exp(outside)
    factor = float(np.sum(weight[rows] * revenue[rows]) / np.sum(weight[rows] * predicted))
    channels = _channel_factors(
        revenue[rows], factor * predicted, weight[rows], None if channel is None else channel[rows]
    )
    return Revenue(start, trees, spread, factor, channels)


def with_unpaid(revenue: Revenue, paid: NDArray[np.bool_], channel: Vector | None) -> Revenue:
    """Count wins whose revenue is known to be 0: the expectation is P(revenue > 0) x E(revenue if above 0).

    Parameters
    ----------
    revenue
        Fitted to the wins with a revenue above 0.
    paid
        Whether the revenue is above 0, of all wins whose revenue is known, shape (wins,).
    channel
        Codes of their channel, shape (wins,), or None. Shares of a channel are shrunk toward the share of all.

    Examples
    --------
    >>> table = Table(np.zeros((4, 1)), ())
    >>> priced = Revenue(0.0, stump(table), 1.0, 10.0, {})
    >>> with_unpaid(priced, np.array([True, False]), None).factor
    5.0
    """
    share = float(paid.mean())
    channels = {} if channel is None else dict(revenue.channels)
    for code in channels:
        here = np.asarray(channel == code)
        shrunk = (paid[here].sum() + _CHANNEL_PRIOR_WINS * share) / (here.sum() + _CHANNEL_PRIOR_WINS)
        channels[code] *= float(shrunk) / share
    return replace(revenue, factor=revenue.factor * share, channels=channels)


def _channel_factors(revenue: Vector, predicted: Vector, weight: Vector, channel: Vector | None) -> dict[int, float]:
    """Return actual over predicted by channel, shrunk toward 1."""
    factors: dict[int, float] = {}
    if channel is None:
        return factors
    for code in np.unique(channel[np.isfinite(channel)]):
        here = channel == code
        expected = float(np.sum(weight[here] * predicted[here]))
        actual = float(np.sum(weight[here] * revenue[here]))
        prior = _CHANNEL_PRIOR_WINS * expected / float(here.sum())
        factors[int(code)] = (actual + prior) / (expected + prior)
    return factors
