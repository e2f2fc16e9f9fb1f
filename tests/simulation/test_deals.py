"""Revenue and delay have the intended distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation import Simulation
from simulation.deals import mean_noise, revenue_nodes, share_after
from simulation.parameters import parameters


def test_expected_revenue_is_calibrated(base: Simulation) -> None:
    won = base.truth[base.truth["wins"]]
    ratio = won["revenue"] / won["expected_revenue"]
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / np.sqrt(len(ratio))


def test_deals_are_heavy_tailed(base: Simulation) -> None:
    revenue = base.truth.loc[base.truth["wins"], "revenue"]
    assert 2_000 < revenue.median() < 6_000
    assert revenue.max() > 40 * revenue.median()
    assert revenue.nlargest(len(revenue) // 20).sum() > 0.3 * revenue.sum()


def test_delays_grow_with_the_deal_and_differ_by_channel(base: Simulation) -> None:
    won = base.truth[base.truth["wins"]]
    medians = won.groupby(pd.qcut(won["revenue"], 4, labels=False))["win_delay_days"].median()
    assert medians.is_monotonic_increasing
    assert medians.iloc[3] > 1.7 * medians.iloc[0]
    by_channel = won.groupby("channel")["win_delay_days"].median()
    assert by_channel["linkedin"] > 1.5 * by_channel["brand_search"]
    assert won["win_delay_days"].quantile(0.05) > 14
    assert won["win_delay_days"].quantile(0.95) < 240
    assert won["win_delay_days"].max() < base.parameters.world.horizon_days


def test_the_nodes_of_the_revenue_have_its_mean_and_quantiles() -> None:
    deal = parameters("slow-giants").deal
    multiples, weights = revenue_nodes(deal)
    assert abs((multiples * weights).sum() / mean_noise(deal) - 1) < 1e-5
    assert abs(weights.sum() - 1) < 1e-12


def test_the_share_of_later_wins_falls_from_one_to_zero() -> None:
    world = parameters()
    days = np.array([0.0, 2.0, 30.0, 100.0, 364.0, 400.0])
    share = share_after(world, np.full(6, np.log(60.0)), days)
    assert share[0] == share[1] == 1
    assert (np.diff(share[1:5]) < 0).all()
    assert share[4] == share[5] == 0
