"""Spend is consistent and follows the bidding."""

from __future__ import annotations

import pytest

from simulation import Simulation


def test_free_channels_have_no_spend_and_counts_are_consistent(base: Simulation) -> None:
    spend = base.spend
    assert not {"organic", "referral"} & set(spend["channel"])
    assert (spend["impressions"] > spend["clicks"]).all()
    assert (spend["clicks"] > 0).all()
    assert (spend["cost"] > 0).all()
    assert not spend.duplicated(["day", "channel", "campaign"]).any()
    assert set(spend["currency"]) == {base.parameters.world.currency}


def test_bidding_moves_money_to_the_campaign_of_bots(base: Simulation) -> None:
    truth = base.truth[base.truth["channel"].eq("pmax")]
    bots = truth["campaign"].eq("pmax_feed")
    assert truth.loc[bots, "junk"].mean() == pytest.approx(0.9, abs=0.04)
    half = truth["submitted_at"].median()
    first, second = bots[truth["submitted_at"] < half].mean(), bots[truth["submitted_at"] >= half].mean()
    assert second > 1.2 * first
    spent = base.spend[base.spend["campaign"].eq("pmax_feed")].groupby(base.spend["day"].str[:4])["cost"].mean()
    assert spent.iloc[-1] > spent.iloc[0]
