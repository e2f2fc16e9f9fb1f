"""What leadworth must beat: what teams do without it, on the same features and the same split.

The learned baselines use leadworth's own trees on labels as they are usually made, so that the
difference is the treatment of late outcomes and not the learner. For wins and revenue they use the same
features as leadworth does, hence no velocity features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from features.spec import FeatureSpec
from leadworth.arrays import Matrix, Vector
from leadworth.settings import JunkSettings
from models.base import sigmoid
from models.boosting import Table, stump
from models.junk import Junk
from models.revenue import fit_revenue, no_revenue
from models.scorecard import Scorecard
from models.win import Evidence, fit_level, fit_win
from training.evaluation import Forecast
from training.fit import REVENUE_SHAPE, fitting_shape
from training.junk_fit import junk_labels, learn_junk

Rows = NDArray[np.int64]
Predict = Callable[[Matrix], Forecast]
BINS = 8
NAIVE_FEATURES = 12
"""More of them repeat each other, and naive Bayes then counts the same evidence again and again."""


@dataclass(frozen=True)
class BaselineInput:
    """What a baseline learns from.

    `labels` is the table of `training.labels.label`, row by row beside `matrix`.
    """

    matrix: Matrix
    spec: FeatureSpec
    labels: pd.DataFrame
    seed: int

    @property
    def won(self) -> NDArray[np.bool_]:
        """Leads won by the snapshot, shape (n,)."""
        return self.labels["state"].eq("won").to_numpy(dtype=bool)

    @cached_property
    def junk(self) -> tuple[Junk | Scorecard, Vector]:
        """Return leadworth's junk model, and 1 - junk of all leads out of fold."""
        learned = learn_junk(self.matrix, self.spec, junk_labels(self.labels), JunkSettings(), None, self.seed)
        return learned.model, sigmoid(-learned.outside)

    @cached_property
    def table(self) -> Table:
        """The matrix as the win and revenue models learn from it."""
        categorical = tuple(self.spec.names.index(name) for name in self.spec.categorical)
        return Table(self.matrix, categorical, unused=self.spec.junk_only())

    def column(self, name: str) -> Vector:
        """Return a numeric column of the labels, shape (n,)."""
        return self.labels[name].to_numpy(dtype=np.float64, na_value=np.nan)


@dataclass(frozen=True)
class Baseline:
    """A named way to learn; `fit` returns the function that predicts."""

    name: str
    fit: Callable[[BaselineInput], Predict]


def average_lead(lesson: BaselineInput) -> Predict:
    """Every lead is the average lead: wins so far over leads."""
    rate = float(lesson.won.mean()) if len(lesson.won) else 0.0
    revenue = _mean_revenue(lesson)
    return lambda matrix: _forecast(np.full(len(matrix), rate), np.full(len(matrix), revenue))


def open_are_lost(lesson: BaselineInput) -> Predict:
    """Whatever is not won yet is lost."""
    return _trees(lesson, np.arange(len(lesson.won)), lesson.won)


def closed_only(lesson: BaselineInput) -> Predict:
    """Learn from closed leads and forget the open ones."""
    return _trees(lesson, np.flatnonzero(lesson.labels["state"].ne("open").to_numpy()), lesson.won)


def ninety_days(lesson: BaselineInput) -> Predict:
    """Predict a win within 90 days, from leads of 90 days and more."""
    fast = lesson.won & ~(lesson.column("delay_days") > 90.0)
    return _trees(lesson, np.flatnonzero(~(lesson.column("age_days") < 90.0)), fast)


def last_200_days(lesson: BaselineInput) -> Predict:
    """Predict a win within the last 200 days, from leads that were in the pipeline during them."""
    age, delay, closed = lesson.column("age_days"), lesson.column("delay_days"), lesson.column("closed_days")
    ended = np.where(lesson.won, age - delay, age - closed)
    there = ~(ended > 200.0)
    return _trees(lesson, np.flatnonzero(there), lesson.won & there)


_POINTS = {
    "email_free": -5.0,
    "email_disposable": -20.0,
    "email_test": -30.0,
    "email_role": -5.0,
    "phone_valid": 10.0,
    "name_gibberish": -15.0,
    "message_urls": -5.0,
    "demo_requested": 15.0,
    "initiative_demo_requested": 15.0,
    "initiative_pricing_views": 5.0,
    "initiative_content_downloads": 5.0,
    "initiative_webinars_attended": 10.0,
    "company_given": 5.0,
    "profile_employees_log": 5.0,
    "form_honeypot": -30.0,
    "form_webdriver": -20.0,
}
"""Points per unit of a feature, as a marketing team writes them down."""


def points(lesson: BaselineInput) -> Predict:
    """Hand-made points; each fifth of the leads by points gets its win rate so far."""
    names = lesson.spec.names

    def score(matrix: Matrix) -> Vector:
        total = np.zeros(len(matrix))
        for name, worth in _POINTS.items():
            if name in names:
                total += worth * np.nan_to_num(np.clip(matrix[:, names.index(name)], -10.0, 10.0))
        return total

    scored = score(lesson.matrix)
    edges = np.unique(np.quantile(scored, [0.2, 0.4, 0.6, 0.8]))
    group = np.searchsorted(edges, scored, side="right")
    size = np.bincount(group, minlength=len(edges) + 1)
    rate = (np.bincount(group, lesson.won, len(edges) + 1) + lesson.won.mean()) / (size + 1.0)
    revenue = _mean_revenue(lesson)

    def predict(matrix: Matrix) -> Forecast:
        probability = rate[np.searchsorted(edges, score(matrix), side="right")]
        return _forecast(probability, np.full(len(matrix), revenue))

    return predict


def naive_bayes(lesson: BaselineInput) -> Predict:
    """Naive Bayes on the most telling binned features (by information value); whatever is not won yet is lost."""
    coder = _Coder(lesson)
    codes, won = coder.codes(lesson.matrix), lesson.won
    share = (won.sum() + 1.0) / (len(won) + 2.0)
    tables, value = [], []
    for column, width in zip(codes.T, coder.widths, strict=True):
        wins = np.bincount(column[won], minlength=width) + 1.0
        rest = np.bincount(column[~won], minlength=width) + 1.0
        tables.append(np.log(wins / wins.sum()) - np.log(rest / rest.sum()))
        value.append(float((wins / wins.sum() - rest / rest.sum()) @ tables[-1]))
    best = np.argsort(value)[::-1][:NAIVE_FEATURES]
    start, revenue = float(np.log(share / (1.0 - share))), _mean_revenue(lesson)

    def predict(matrix: Matrix) -> Forecast:
        total, coded = np.full(len(matrix), start), coder.codes(matrix)
        for at in best:
            total += tables[at][coded[:, at]]
        return _forecast(sigmoid(total), np.full(len(matrix), revenue))

    return predict


def logistic(lesson: BaselineInput) -> Predict:
    """Logistic regression on one-hot bins; whatever is not won yet is lost."""
    coder = _Coder(lesson)
    if not coder.edges or not 0 < lesson.won.sum() < len(lesson.won):
        return average_lead(lesson)
    model = LogisticRegression(C=0.3, max_iter=200).fit(coder.one_hot(lesson.matrix), lesson.won)
    revenue = _mean_revenue(lesson)

    def predict(matrix: Matrix) -> Forecast:
        return _forecast(model.predict_proba(coder.one_hot(matrix))[:, 1], np.full(len(matrix), revenue))

    return predict


BASELINES = (
    Baseline("average lead", average_lead),
    Baseline("all open are lost", open_are_lost),
    Baseline("closed leads only", closed_only),
    Baseline("90-day target", ninety_days),
    Baseline("won within the last 200 days", last_200_days),
    Baseline("hand-made points", points),
    Baseline("naive Bayes", naive_bayes),
    Baseline("logistic regression", logistic),
)


def _trees(lesson: BaselineInput, rows: Rows, won: NDArray[np.bool_]) -> Predict:
    """Fit leadworth's junk and trees, but on final labels, without delay, trend or correction of the money."""
    table, (junk, genuine), ones = lesson.table, lesson.junk, np.ones(len(won))
    evidence = Evidence(won, ~won, 0.0 * ones, ones, genuine)
    if not won[rows].any():
        return average_lead(lesson)
    start = fit_level(evidence, rows, np.zeros(len(rows))).now
    base = start * ones
    shape = fitting_shape(table, rows, evidence, base, lesson.seed)
    trees = stump(table) if shape is None else fit_win(table, rows, evidence, shape, lesson.seed, base)
    money = lesson.column("revenue")
    paid = rows[won[rows] & (money[rows] > 0)]
    revenue = (
        fit_revenue(table, paid, money, ones, None, REVENUE_SHAPE, lesson.seed) if len(paid) else no_revenue(table)
    )

    def predict(matrix: Matrix) -> Forecast:
        clean = sigmoid(-junk.log_odds(matrix, lesson.spec.names))
        chance = clean * sigmoid(start + trees.raw(matrix))
        return _forecast(chance, revenue.money(revenue.log_size(matrix), None))

    return predict


def _mean_revenue(lesson: BaselineInput) -> float:
    """Return the mean revenue of the wins seen; 1 where none is recorded."""
    money = lesson.column("revenue")[lesson.won]
    return float(money[money > 0].mean()) if (money > 0).any() else 1.0


def _forecast(probability: Vector, revenue: Vector) -> Forecast:
    return Forecast(probability, probability * revenue)


class _Coder:
    """Bins by quantiles of the training data, of the features for wins; missing is a bin of its own."""

    def __init__(self, lesson: BaselineInput) -> None:
        self.unused = lesson.spec.junk_only()
        self.edges = []
        for column in self._used(lesson.matrix).T:
            known = column[np.isfinite(column)]
            cuts = np.quantile(known, np.linspace(0.0, 1.0, BINS + 1)[1:-1]) if len(known) else np.zeros(0)
            self.edges.append(np.unique(cuts))
        self.widths = [len(edges) + 2 for edges in self.edges]

    def codes(self, matrix: Matrix) -> NDArray[np.int64]:
        """Return the bin of each value, shape (rows, used features)."""
        matrix = self._used(matrix)
        coded = np.empty(matrix.shape, dtype=np.int64)
        for at, edges in enumerate(self.edges):
            found = np.searchsorted(edges, matrix[:, at], side="right")
            coded[:, at] = np.where(np.isnan(matrix[:, at]), len(edges) + 1, found)
        return coded

    def one_hot(self, matrix: Matrix) -> Matrix:
        """Return one column per bin, shape (rows, sum of widths)."""
        coded = self.codes(matrix)
        starts = np.concatenate([[0], np.cumsum(self.widths)[:-1]])
        out = np.zeros((len(matrix), sum(self.widths)))
        np.put_along_axis(out, coded + starts, 1.0, axis=1)
        return out

    def _used(self, matrix: Matrix) -> Matrix:
        return np.delete(matrix, self.unused, axis=1)
