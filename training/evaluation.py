"""Judge a model on later leads: discrimination, calibration, money; with intervals.

All figures of one evaluation come from the same later leads and the same resamples, so that models
can be compared lead by lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadworth.arrays import Vector
from training.discrimination import auc
from training.holdout import Holdout

Interval = tuple[float, float]
RESAMPLES = 300
FLOOR = 1e-6


@dataclass(frozen=True)
class Forecast:
    """What a model says of each later lead, arrays of shape (leads,).

    Attributes
    ----------
    probability
        Win probability within the horizon.
    value
        Predicted value, in the currency of the settings.
    """

    probability: Vector
    value: Vector


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % bootstrap interval.

    Examples
    --------
    >>> str(Figure(0.8123, (0.79, 0.835)))
    '0.812 [0.790, 0.835]'
    """

    value: float
    interval: Interval

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.interval[0]:.3f}, {self.interval[1]:.3f}]"


@dataclass(frozen=True)
class Evaluation:
    """How one model did on the later leads.

    Attributes
    ----------
    log_loss
        Mean log loss of the wins seen so far against probability x visible share.
    top10, top20
        Share of the revenue (of the wins, where there is no money) in the top 10 % and 20 % by value.
    wins_ratio, money_ratio
        sum(predicted) / sum(actual) of what could be seen so far.
    channels, deciles, cohorts
        Tables with counts, predicted and actual wins and money; channels with intervals.
    """

    name: str
    leads: int
    wins: int
    auc: Figure
    log_loss: Figure
    top10: Figure
    top20: Figure
    wins_ratio: Figure
    money_ratio: Figure
    channels: pd.DataFrame
    deciles: pd.DataFrame
    cohorts: pd.DataFrame


def evaluate(name: str, forecast: Forecast, later: Holdout, seed: int = 7) -> Evaluation:
    """Judge one forecast.

    Parameters
    ----------
    name
        Name of the model.
    forecast
        Its win probability and predicted value of each later lead.
    later
        The judge.
    seed
        Of the resamples; the same seed gives the same resamples for every model.
    """
    counts = _resamples(len(later), seed)
    losses = log_losses(forecast, later)
    wins, money = forecast.probability * later.seen, forecast.value * later.seen_money
    return Evaluation(
        name=name,
        leads=len(later),
        wins=int(later.won.sum()),
        auc=_figure(auc(later.won, forecast.probability), _resampled_auc(later.won, forecast.probability, counts)),
        log_loss=_figure(losses.mean(), counts @ losses / counts.sum(axis=1)),
        top10=_captured(forecast.value, later.revenue, 0.1, counts),
        top20=_captured(forecast.value, later.revenue, 0.2, counts),
        wins_ratio=_ratio(wins, later.won.astype(float), counts),
        money_ratio=_ratio(money, later.revenue, counts),
        channels=_channels(wins, money, later, counts),
        deciles=_deciles(forecast.value, wins, money, later),
        cohorts=_by(later.period, wins, money, later),
    )


def log_losses(forecast: Forecast, later: Holdout) -> Vector:
    """Return the log loss of each later lead, shape (leads,)."""
    seen = np.clip(forecast.probability * later.seen, FLOOR, 1 - FLOOR)
    return np.where(later.won, -np.log(seen), -np.log1p(-seen))


def loss_difference(first: Forecast, second: Forecast, later: Holdout, seed: int = 7) -> Figure:
    """Return mean log loss of the first less that of the second, lead by lead; negative: the first is better."""
    counts = _resamples(len(later), seed)
    difference = log_losses(first, later) - log_losses(second, later)
    return _figure(difference.mean(), counts @ difference / counts.sum(axis=1))


def summary(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Return one row per model with the headline figures."""
    rows = [
        {
            "model": evaluation.name,
            "AUC": evaluation.auc.value,
            "log loss": evaluation.log_loss.value,
            "top 10 %": evaluation.top10.value,
            "top 20 %": evaluation.top20.value,
            "wins pred/actual": evaluation.wins_ratio.value,
            "money pred/actual": evaluation.money_ratio.value,
        }
        for evaluation in evaluations.values()
    ]
    return pd.DataFrame(rows)


def _resamples(leads: int, seed: int) -> Vector:
    rng = np.random.default_rng(seed)
    return rng.poisson(1.0, size=(RESAMPLES, leads)).astype(float)


def _figure(value: float, resampled: Vector) -> Figure:
    known = resampled[np.isfinite(resampled)]
    if not len(known):
        return Figure(float(value), (float("nan"), float("nan")))
    low, high = np.quantile(known, [0.025, 0.975])
    return Figure(float(value), (float(low), float(high)))


def best_first(value: Vector, revenue: Vector) -> tuple[NDArray[np.int64], Vector]:
    """Return the order of the leads by falling value, and their revenue in it; ties share alike.

    Examples
    --------
    >>> best_first(np.array([1.0, 5.0, 1.0]), np.array([0.0, 7.0, 4.0]))[1].tolist()
    [7.0, 2.0, 2.0]
    """
    order = np.argsort(-value, kind="stable")
    _, group = np.unique(-value[order], return_inverse=True)
    return order, (np.bincount(group, weights=revenue[order]) / np.bincount(group))[group]


def _ratio(predicted: Vector, actual: Vector, counts: Vector) -> Figure:
    with np.errstate(divide="ignore", invalid="ignore"):
        resampled = (counts @ predicted) / (counts @ actual)
        return _figure(np.divide(predicted.sum(), actual.sum()), resampled)


def _captured(value: Vector, revenue: Vector, share: float, counts: Vector) -> Figure:
    """Share of the revenue in the top by value; ties share alike by their mean revenue."""
    order, revenue = best_first(value, revenue)
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.clip(share * len(value) - np.arange(len(value)), 0.0, 1.0)
        cumulative = np.cumsum(counts[:, order], axis=1)
        wanted = share * cumulative[:, -1:]
        taken = np.clip(wanted - (cumulative - counts[:, order]), 0.0, counts[:, order])
        resampled = (taken @ revenue) / (counts[:, order] @ revenue)
        return _figure(np.divide(top @ revenue, revenue.sum()), resampled)


def _resampled_auc(won: NDArray[np.bool_], score: Vector, counts: Vector) -> Vector:
    order = np.argsort(score, kind="stable")
    _, group = np.unique(score[order], return_inverse=True)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    wins = np.add.reduceat(counts[:, order] * won[order], starts, axis=1)
    others = np.add.reduceat(counts[:, order] * ~won[order], starts, axis=1)
    below = np.cumsum(others, axis=1) - others
    with np.errstate(divide="ignore", invalid="ignore"):
        area: Vector = (wins * (below + others / 2)).sum(axis=1) / (wins.sum(axis=1) * others.sum(axis=1))
    return area


def _by(group: NDArray[np.object_], wins: Vector, money: Vector, later: Holdout) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "group": group,
            "leads": 1,
            "wins": later.won.astype(int),
            "predicted_wins": wins,
            "money": later.revenue,
            "predicted_money": money,
        }
    )
    return table.groupby("group", sort=True).sum().reset_index()


def _channels(wins: Vector, money: Vector, later: Holdout, counts: Vector) -> pd.DataFrame:
    table = _by(later.channel, wins, money, later)
    ratios = []
    for channel in table["group"]:
        inside = later.channel == channel
        ratios.append(_ratio(money[inside], later.revenue[inside], counts[:, inside]))
    table["money_ratio"] = [ratio.value for ratio in ratios]
    table["money_ratio_low"] = [ratio.interval[0] for ratio in ratios]
    table["money_ratio_high"] = [ratio.interval[1] for ratio in ratios]
    return table


def _deciles(value: Vector, wins: Vector, money: Vector, later: Holdout) -> pd.DataFrame:
    rank = np.argsort(np.argsort(-value, kind="stable"), kind="stable")
    decile = rank * 10 // max(len(value), 1) + 1
    return _by(decile.astype(object), wins, money, later)
