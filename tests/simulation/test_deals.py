"""Revenue and delay have the intended distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation import Simulation


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
