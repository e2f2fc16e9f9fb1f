"""Evaluation of a model on a holdout: all metrics with intervals, and tables by channel, decile and cohort.

All models are evaluated on the same leads and the same bootstrap resamples, so that they can be
compared lead by lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadworth.arrays import Vector
from training.evaluation_metrics import (
    METRICS,
    Estimate,
    EvaluationMetric,
    bootstrap_estimate,
    ratio,
)
from training.forecast import Forecast
from training.holdout import Holdout
from training.resamples import Resamples


@dataclass(frozen=True)
class Evaluation:
    """Metrics of one model on a holdout.

    Attributes
    ----------
    metrics
        Estimate of each of `METRICS`, by name.
    channels, deciles, cohorts
        Tables with counts, predicted and actual wins and money; channels with intervals.
    """

    name: str
    leads: int
    wins: int
    metrics: dict[str, Estimate]
    channels: pd.DataFrame
    deciles: pd.DataFrame
    cohorts: pd.DataFrame

    def value(self, metric: str) -> float:
        """Return the value of a metric by its name."""
        return self.metrics[metric].value

    def text(self, metric: EvaluationMetric, *, with_interval: bool = False) -> str:
        """Return a metric as text."""
        return metric.text(self.metrics[metric.name], with_interval=with_interval)

    def summary(self) -> str:
        """Return the metrics of the training report with their intervals, in one line."""
        shown = (metric for metric in METRICS.values() if metric.in_report)
        return ", ".join(f"{metric.label} {self.text(metric, with_interval=True)}" for metric in shown)


def evaluate(name: str, forecast: Forecast, holdout: Holdout, seed: int = 7) -> Evaluation:
    """Evaluate a forecast on a holdout.

    Parameters
    ----------
    name
        Name of the model.
    forecast
        Win probability and predicted value of each lead of the holdout.
    holdout
        Leads with their outcomes.
    seed
        Seed of the resamples; the same seed gives the same resamples for every model.
    """
    resamples = Resamples.draw(len(holdout), seed)
    wins = forecast.probability * holdout.visible
    money = forecast.value * holdout.visible_money
    return Evaluation(
        name=name,
        leads=len(holdout),
        wins=int(holdout.won.sum()),
        metrics={key: metric.estimate(forecast, holdout, resamples) for key, metric in METRICS.items()},
        channels=_channels(wins, money, holdout, resamples),
        deciles=_sums(_decile(forecast.value), wins, money, holdout),
        cohorts=_sums(holdout.period, wins, money, holdout),
    )


def _sums(group: NDArray[np.object_], wins: Vector, money: Vector, holdout: Holdout) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "group": group,
            "leads": 1,
            "wins": holdout.won.astype(int),
            "predicted_wins": wins,
            "money": holdout.revenue,
            "predicted_money": money,
        }
    )
    return table.groupby("group", sort=True).sum().reset_index()


def _channels(wins: Vector, money: Vector, holdout: Holdout, resamples: Resamples) -> pd.DataFrame:
    table = _sums(holdout.group, wins, money, holdout)
    ratios = []
    for channel in table["group"]:
        inside = holdout.group == channel
        predicted, actual = money[inside], holdout.revenue[inside]
        value = ratio(predicted, actual, np.ones((1, len(actual))))[0]
        estimate = bootstrap_estimate(value, resamples.of(inside).each(partial(ratio, predicted, actual)))
        ratios.append((estimate.value, *(estimate.interval or ())))
    table[["money_ratio", "money_ratio_low", "money_ratio_high"]] = ratios
    return table


def _decile(value: Vector) -> NDArray[np.object_]:
    """Return the decile of each lead by falling value, from 1."""
    rank = np.argsort(np.argsort(-value, kind="stable"), kind="stable")
    decile: NDArray[np.object_] = (rank * 10 // max(len(value), 1) + 1).astype(object)
    return decile
