"""Metrics of an evaluation, in one table that the report, the model card and the registry read.

To add a metric, add an entry to `METRICS` and a test of its function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Vector
from training.forecast import Forecast
from training.holdout import Holdout
from training.resamples import Resamples

Interval = tuple[float, float]
MetricFunction = Callable[[Forecast, Holdout, Vector], Vector]
"""Forecast, holdout and weights of shape (resamples, leads) -> metric of each resample, shape (resamples,)."""

PROBABILITY_FLOOR = 1e-6
MISSING = "missing"


@dataclass(frozen=True)
class Estimate:
    """Value of a metric with its 95 % bootstrap interval; None where no interval was computed."""

    value: float
    interval: Interval | None = None


@dataclass(frozen=True)
class EvaluationMetric:
    """One metric: how it is computed, named and shown.

    Attributes
    ----------
    name
        Name in the registry; the ends of the interval are logged as `<name>_low` and `<name>_high`.
    label
        Column of the training report and of `leadworth models list`.
    function
        Computes the metric under weights; all weights 1 give the value, Poisson weights the interval.
    format
        Format specification of a number.
    unit
        Appended to the label on the model card.
    interval
        Whether an interval is computed, logged and shown.
    in_report, in_list
        Whether `leadworth train` and `leadworth models list` show it; the model card shows all metrics.
    """

    name: str
    label: str
    function: MetricFunction
    format: str = ".3f"
    unit: str = ""
    interval: bool = True
    in_report: bool = True
    in_list: bool = True

    @property
    def heading(self) -> str:
        """Label with the unit."""
        return f"{self.label} {self.unit}".rstrip()

    def estimate(self, forecast: Forecast, holdout: Holdout, resamples: Resamples) -> Estimate:
        """Compute the metric and, from resamples of the leads, its interval."""
        value = self.function(forecast, holdout, np.ones((1, len(holdout))))[0]
        if not self.interval:
            return bootstrap_estimate(value, None)
        return bootstrap_estimate(value, resamples.each(partial(self.function, forecast, holdout)))

    def text(self, estimate: Estimate, *, with_interval: bool = False) -> str:
        """Format an estimate; "missing" where a number is not finite.

        Examples
        --------
        >>> METRICS["auc"].text(Estimate(0.8123, (0.79, 0.835)), with_interval=True)
        '0.812 [0.790, 0.835]'
        >>> METRICS["auc"].text(Estimate(float("nan")))
        'missing'
        """
        interval = estimate.interval if with_interval else None
        if not all(map(math.isfinite, (estimate.value, *(interval or ())))):
            return MISSING
        value = format(estimate.value, self.format)
        if interval is None:
            return value
        return f"{value} [{interval[0]:{self.format}}, {interval[1]:{self.format}}]"


def bootstrap_estimate(value: float, resampled: Vector | None) -> Estimate:
    """Return a value with the 2.5 % and 97.5 % quantiles of its finite resampled values."""
    if resampled is None:
        return Estimate(float(value))
    finite = resampled[np.isfinite(resampled)]
    if not len(finite):
        return Estimate(float(value), (math.nan, math.nan))
    low, high = np.quantile(finite, [0.025, 0.975])
    return Estimate(float(value), (float(low), float(high)))


def log_losses(forecast: Forecast, holdout: Holdout) -> Vector:
    """Return the log loss of each lead for the wins visible so far, shape (leads,)."""
    visible = np.clip(forecast.probability * holdout.visible, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
    return np.where(holdout.won, -np.log(visible), -np.log1p(-visible))


def rank_by_value(value: Vector, revenue: Vector) -> tuple[NDArray[np.int64], Vector]:
    """Return the order of the leads by falling value, and their revenue in it; ties get their mean revenue.

    Examples
    --------
    >>> rank_by_value(np.array([1.0, 5.0, 1.0]), np.array([0.0, 7.0, 4.0]))[1].tolist()
    [7.0, 2.0, 2.0]
    """
    order = np.argsort(-value, kind="stable")
    _, group = np.unique(-value[order], return_inverse=True)
    return order, (np.bincount(group, weights=revenue[order]) / np.bincount(group))[group]


def ratio(predicted: Vector, actual: Vector, weights: Vector) -> Vector:
    """Return sum(predicted) / sum(actual) of each resample; nan or inf where nothing is actual."""
    return _quotient(weights @ predicted, weights @ actual)


def auc(forecast: Forecast, holdout: Holdout, weights: Vector) -> Vector:
    """Return the area under the ROC curve of the win probability; ties count half.

    All resamples share one sort of the scores: `sklearn.metrics.roc_auc_score` sorts for each, which
    takes several times as long.
    """
    order = np.argsort(forecast.probability, kind="stable")
    _, group = np.unique(forecast.probability[order], return_inverse=True)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    won = holdout.won[order]
    wins = np.add.reduceat(weights[:, order] * won, starts, axis=1)
    others = np.add.reduceat(weights[:, order] * ~won, starts, axis=1)
    below = np.cumsum(others, axis=1) - others
    return _quotient((wins * (below + others / 2)).sum(axis=1), wins.sum(axis=1) * others.sum(axis=1))


def log_loss(forecast: Forecast, holdout: Holdout, weights: Vector) -> Vector:
    """Return the mean log loss of the wins visible so far."""
    mean: Vector = weights @ log_losses(forecast, holdout) / weights.sum(axis=1)
    return mean


def share_in_top(value: Vector, share: float) -> Vector:
    """Return the fraction of each lead in the top share by value, shape (n,); ties get equal fractions.

    Examples
    --------
    >>> share_in_top(np.array([5.0, 1.0, 1.0, 1.0, 1.0]), 0.4).tolist()
    [1.0, 0.25, 0.25, 0.25, 0.25]
    """
    order = np.argsort(-value, kind="stable")
    _, group = np.unique(-value[order], return_inverse=True)
    fraction = np.clip(share * len(value) - np.arange(len(value)), 0.0, 1.0)
    result = np.empty(len(value))
    result[order] = (np.bincount(group, weights=fraction) / np.bincount(group))[group]
    return result


def captured(share: float) -> MetricFunction:
    """Return the metric "share of the revenue (wins, where there is no money) in the top `share` by value"."""

    def function(forecast: Forecast, holdout: Holdout, weights: Vector) -> Vector:
        order, revenue = rank_by_value(forecast.value, holdout.revenue)
        ranked = weights[:, order]
        cumulative = np.cumsum(ranked, axis=1)
        top = np.clip(share * cumulative[:, -1:] - (cumulative - ranked), 0.0, ranked)
        return _quotient(top @ revenue, ranked @ revenue)

    return function


def wins_ratio(forecast: Forecast, holdout: Holdout, weights: Vector) -> Vector:
    """Return predicted wins over actual wins, both visible so far."""
    return ratio(forecast.probability * holdout.visible, holdout.won.astype(float), weights)


def money_ratio(forecast: Forecast, holdout: Holdout, weights: Vector) -> Vector:
    """Return predicted money over actual money, both visible so far."""
    return ratio(forecast.value * holdout.visible_money, holdout.revenue, weights)


def _quotient(numerator: Vector, denominator: Vector) -> Vector:
    """Divide; nan or inf where the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return numerator / denominator


METRICS: dict[str, EvaluationMetric] = {
    metric.name: metric
    for metric in (
        EvaluationMetric("auc", "AUC", auc),
        EvaluationMetric("log_loss", "log loss", log_loss),
        EvaluationMetric("top10", "top 10 %", captured(0.1), in_report=False, in_list=False),
        EvaluationMetric("top20", "top 20 %", captured(0.2)),
        EvaluationMetric("wins_ratio", "wins", wins_ratio, unit="pred/actual", in_list=False),
        EvaluationMetric("money_ratio", "money", money_ratio, unit="pred/actual"),
    )
}
"""All metrics by name, in the order in which they are shown."""
