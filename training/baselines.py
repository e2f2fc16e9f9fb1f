"""Baselines that leadworth must beat: common ways to score leads, on the same features and the same split.

The baselines with trees use leadworth's own learner on labels as they are usually made, so that the
difference is the treatment of late outcomes and not the learner. For wins and revenue they use the same
features as leadworth, hence no velocity features.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_selection import mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from features.feature_spec import FeatureSpec
from leadworth.arrays import Matrix, Vector
from leadworth.settings import JunkSettings
from models.boosting import BoosterDataset, stump
from models.cure_model import CensoredOutcomes, fit_win
from models.junk_model import JunkModel
from models.level_curve import fit_level
from models.log_odds import sigmoid
from models.revenue_model import fit_revenue, no_revenue
from models.scorecard import Scorecard
from training.forecast import Forecast
from training.junk_fit import fit_junk_model, junk_labels
from training.revenue_fit import REVENUE_SHAPE
from training.win_fit import early_stopped_shape

Rows = NDArray[np.int64]
Predict = Callable[[Matrix], Forecast]
BINS = 8
NAIVE_FEATURES = 12
"""Further features are correlated with these, and naive Bayes would count the same evidence several times."""


@dataclass(frozen=True)
class BaselineInput:
    """Training data of a baseline.

    `labels` is the table of `training.labels.label`, with the same rows as `matrix`.
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
    def junk(self) -> tuple[JunkModel | Scorecard, Vector]:
        """Junk model of leadworth, and 1 - junk probability of all leads out of fold."""
        fitted = fit_junk_model(self.matrix, self.spec, junk_labels(self.labels), JunkSettings(), None, self.seed)
        return fitted.model, sigmoid(-fitted.out_of_fold)

    @cached_property
    def table(self) -> BoosterDataset:
        """Features as the win and revenue models use them."""
        categorical = tuple(self.spec.names.index(name) for name in self.spec.categorical)
        return BoosterDataset(self.matrix, categorical, unused=self.spec.junk_only())

    def column(self, name: str) -> Vector:
        """Return a numeric column of the labels, shape (n,)."""
        return self.labels[name].to_numpy(dtype=np.float64, na_value=np.nan)


@dataclass(frozen=True)
class Baseline:
    """A named baseline; `fit` returns the function that predicts."""

    name: str
    fit: Callable[[BaselineInput], Predict]


def average_lead(data: BaselineInput) -> Predict:
    """Predict the same for every lead: wins so far over leads, and their mean revenue."""
    rate = float(data.won.mean()) if len(data.won) else 0.0
    revenue = _mean_revenue(data)
    return lambda matrix: _forecast(np.full(len(matrix), rate), np.full(len(matrix), revenue))


def open_are_lost(data: BaselineInput) -> Predict:
    """Train on all leads; those not won so far count as lost."""
    return _trees(data, np.arange(len(data.won)), data.won)


def closed_only(data: BaselineInput) -> Predict:
    """Train on closed leads and leave out the open ones."""
    return _trees(data, np.flatnonzero(data.labels["state"].ne("open").to_numpy()), data.won)


def ninety_days(data: BaselineInput) -> Predict:
    """Predict a win within 90 days, from leads of 90 days and more."""
    fast = data.won & ~(data.column("delay_days") > 90.0)
    return _trees(data, np.flatnonzero(~(data.column("age_days") < 90.0)), fast)


def last_200_days(data: BaselineInput) -> Predict:
    """Predict a win within the last 200 days, from leads that were in the pipeline during them."""
    age, delay, closed = data.column("age_days"), data.column("delay_days"), data.column("closed_days")
    ended = np.where(data.won, age - delay, age - closed)
    recent = ~(ended > 200.0)
    return _trees(data, np.flatnonzero(recent), data.won & recent)


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


def points(data: BaselineInput) -> Predict:
    """Hand-made points; each fifth of the leads by points is given its win rate so far."""
    names = data.spec.names

    def score(matrix: Matrix) -> Vector:
        total = np.zeros(len(matrix))
        for name, weight in _POINTS.items():
            if name in names:
                total += weight * np.nan_to_num(np.clip(matrix[:, names.index(name)], -10.0, 10.0))
        return total

    scored = score(data.matrix)
    edges = np.unique(np.quantile(scored, [0.2, 0.4, 0.6, 0.8]))
    group = np.searchsorted(edges, scored, side="right")
    size = np.bincount(group, minlength=len(edges) + 1)
    rate = (np.bincount(group, data.won, len(edges) + 1) + data.won.mean()) / (size + 1.0)
    revenue = _mean_revenue(data)

    def predict(matrix: Matrix) -> Forecast:
        probability = rate[np.searchsorted(edges, score(matrix), side="right")]
        return _forecast(probability, np.full(len(matrix), revenue))

    return predict


def naive_bayes(data: BaselineInput) -> Predict:
    """Naive Bayes on the most informative binned features; leads not won so far count as lost."""
    bins, won = _Bins(data), data.won
    if not bins.edges or not won.any() or won.all():
        return average_lead(data)
    codes = bins.codes(data.matrix)
    information = mutual_info_classif(codes, won, discrete_features=True)
    best = np.argsort(information)[::-1][:NAIVE_FEATURES]
    model = CategoricalNB(min_categories=bins.counts[best]).fit(codes[:, best], won)
    revenue = _mean_revenue(data)

    def predict(matrix: Matrix) -> Forecast:
        probability = model.predict_proba(bins.codes(matrix)[:, best])[:, 1]
        return _forecast(probability, np.full(len(matrix), revenue))

    return predict


def logistic(data: BaselineInput) -> Predict:
    """Logistic regression on one-hot bins; leads not won so far count as lost."""
    bins, won = _Bins(data), data.won
    if not bins.edges or not won.any() or won.all():
        return average_lead(data)
    encoder = OneHotEncoder(categories=[np.arange(count) for count in bins.counts])
    model = make_pipeline(encoder, LogisticRegression(C=0.3, max_iter=200)).fit(bins.codes(data.matrix), won)
    revenue = _mean_revenue(data)

    def predict(matrix: Matrix) -> Forecast:
        return _forecast(model.predict_proba(bins.codes(matrix))[:, 1], np.full(len(matrix), revenue))

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


def _trees(data: BaselineInput, rows: Rows, won: NDArray[np.bool_]) -> Predict:
    """Fit leadworth's junk model and trees, but to final labels, without delay, trend or revenue correction."""
    table, ones = data.table, np.ones(len(won))
    junk, genuine = data.junk
    evidence = CensoredOutcomes(won, ~won, 0.0 * ones, ones, genuine)
    if not won[rows].any():
        return average_lead(data)
    start = fit_level(evidence, rows, np.zeros(len(rows))).now
    base = start * ones
    shape = early_stopped_shape(table, rows, evidence, base, data.seed)
    trees = stump(table) if shape is None else fit_win(table, rows, evidence, shape, data.seed, base)
    money = data.column("revenue")
    paid = rows[won[rows] & (money[rows] > 0)]
    revenue = fit_revenue(table, paid, money, ones, (), REVENUE_SHAPE, data.seed) if len(paid) else no_revenue(table)

    def predict(matrix: Matrix) -> Forecast:
        genuine = sigmoid(-junk.log_odds(matrix, data.spec.names))
        probability = genuine * sigmoid(start + trees.raw(matrix))
        return _forecast(probability, revenue.money(revenue.log_size(matrix), None))

    return predict


def _mean_revenue(data: BaselineInput) -> float:
    """Return the mean revenue of the wins so far; 1 where none is recorded."""
    money = data.column("revenue")[data.won]
    return float(money[money > 0].mean()) if (money > 0).any() else 1.0


def _forecast(probability: Vector, revenue: Vector) -> Forecast:
    return Forecast(probability, probability * revenue)


class _Bins:
    """Bins by quantiles of the training data, of the features that the win model uses; missing is a bin of its own."""

    def __init__(self, data: BaselineInput) -> None:
        self.unused = data.spec.junk_only()
        self.edges = []
        for column in self._used(data.matrix).T:
            finite = column[np.isfinite(column)]
            cuts = np.quantile(finite, np.linspace(0.0, 1.0, BINS + 1)[1:-1]) if len(finite) else np.zeros(0)
            self.edges.append(np.unique(cuts))
        self.counts = np.array([len(edges) + 2 for edges in self.edges])

    def codes(self, matrix: Matrix) -> NDArray[np.int64]:
        """Return the bin of each value, shape (rows, used features)."""
        columns = self._used(matrix).T
        coded = [
            np.where(np.isnan(column), len(edges) + 1, np.searchsorted(edges, column, side="right"))
            for column, edges in zip(columns, self.edges, strict=True)
        ]
        return np.stack(coded, axis=1)

    def _used(self, matrix: Matrix) -> Matrix:
        return np.delete(matrix, self.unused, axis=1)
