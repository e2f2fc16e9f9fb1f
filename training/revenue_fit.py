"""Fit of the revenue of a win."""

from __future__ import annotations

import numpy as np

from leadworth.arrays import Vector
from models.boosting import BoosterDataset, BoosterParams
from models.revenue_model import MAXIMUM_WEIGHT, RevenueModel, fit_revenue, no_revenue, with_unpaid
from models.time_to_win import TimeToWin
from training.outcome_arrays import OutcomeArrays

REVENUE_SHAPE = BoosterParams(rounds=200, leaves=4, learning_rate=0.1, min_leaf=25, l2=30.0, feature_share=0.5)


def fit_win_revenue(
    table: BoosterDataset,
    outcomes: OutcomeArrays,
    delay: TimeToWin | None,
    channel: Vector | None,
    categories: tuple[int, ...],
    seed: int,
) -> tuple[RevenueModel, str]:
    """Fit the revenue to the wins that have one.

    Each win is weighted by the inverse of the probability that it is visible at the age of its lead: large
    deals, which take longer, are under-represented among the wins so far.

    Parameters
    ----------
    table
        Features of all n leads.
    outcomes
        Labels of the same leads.
    delay
        Delay model, or None where outcomes are not modelled as late.
    channel
        Code of each lead's channel, shape (n,), or None.
    categories
        Columns of the categories that have effects on the deal size.
    seed
        Seed of the trees.

    Returns
    -------
    tuple of Revenue and str
        The model, and a note if no win has revenue, else an empty text.
    """
    rows = np.flatnonzero(outcomes.paid)
    if not len(rows):
        return no_revenue(table), "revenue: none recorded; every win counts 1, so values are wins, not money"
    weight = np.ones(len(outcomes))
    if delay is not None:
        paid_channel = None if channel is None else channel[rows]
        visible = delay.seen(outcomes.age[rows], outcomes.log_revenue[rows], paid_channel)
        weight[rows] = np.minimum(1.0 / np.maximum(visible, 1e-6), MAXIMUM_WEIGHT)
    revenue = fit_revenue(table, rows, outcomes.revenue, weight, categories, REVENUE_SHAPE, seed)
    recorded = outcomes.won & np.isfinite(outcomes.revenue)
    return with_unpaid(revenue, outcomes.paid[recorded], None if channel is None else channel[recorded]), ""


def deal_size_error(
    revenue: RevenueModel, table: BoosterDataset, outcomes: OutcomeArrays, channel: Vector | None
) -> float:
    """Return the standard error of the logarithm of the mean deal, by the wins whose revenue is known.

    A few very large deals carry a sum, and which of them a history happens to have is luck: the error is that of a sum
    of independent deals around their predictions, over the sum. It is 0 where every win counts 1.
    """
    rows = np.flatnonzero(outcomes.paid)
    if revenue.unit or not len(rows):
        return 0.0
    expected = revenue.money(revenue.log_size(table.matrix[rows]), None if channel is None else channel[rows])
    return float(np.sqrt(np.sum((outcomes.revenue[rows] - expected) ** 2)) / np.sum(outcomes.revenue[rows]))
