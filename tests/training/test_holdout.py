"""Visible shares of a holdout."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.holdout import build_holdout
from training.outcome_maturity import OutcomeMaturity


def _labels() -> pd.DataFrame:
    """Return 40 leads of 300 days with wins after 10 to 100 days, and a won, a lost and two open younger ones."""
    old = pd.DataFrame({"state": "lost", "age_days": 300.0, "delay_days": np.nan, "closed_days": 30.0}, index=range(40))
    old.loc[:9, "state"] = "won"
    old.loc[:9, "delay_days"] = np.arange(10.0, 101.0, 10.0)
    old.loc[:9, "closed_days"] = np.nan
    young = pd.DataFrame(
        {
            "state": ["won", "lost", "open", "open"],
            "age_days": [45.0, 45.0, 45.0, np.nan],
            "delay_days": [20.0, np.nan, np.nan, np.nan],
            "closed_days": [np.nan, 15.0, np.nan, np.nan],
        }
    )
    labels = pd.concat([old, young], ignore_index=True)
    return labels.assign(revenue=np.where(labels["state"].eq("won"), 10.0 * labels["delay_days"], np.nan))


def test_the_visible_share_depends_on_the_age_and_not_on_the_outcome() -> None:
    labels = _labels()
    young = labels.tail(4)
    leads = pd.DataFrame({"lead_id": [str(number) for number in young.index]})
    holdout = build_holdout(leads, young, labels)
    won = labels.loc[labels["state"].eq("won")]
    delay, age = won["delay_days"].to_numpy(float), won["age_days"].to_numpy(float)
    at_45_days = np.array([45.0])
    share = OutcomeMaturity.fit(delay, age).at(at_45_days)[0]
    money = OutcomeMaturity.fit(delay, age, won["revenue"].to_numpy(float)).at(at_45_days)[0]
    assert 0.3 < share < 0.6
    assert 0.0 < money < share
    assert holdout.visible.tolist() == [share, share, share, 1.0]
    assert holdout.visible_money.tolist() == [money, money, money, 1.0]


def test_a_correct_forecast_adds_up_to_the_wins_where_sales_closes_losers_early() -> None:
    rng = np.random.default_rng(5)
    leads = 40_000
    age, delay = rng.uniform(0.0, 300.0, leads), rng.exponential(60.0, leads)
    winner = rng.random(leads) < 0.2
    won = winner & (delay <= age)
    closing = rng.exponential(20.0, leads)
    lost = ~winner & (closing <= age)
    labels = pd.DataFrame(
        {
            "state": np.select([won, lost], ["won", "lost"], "open"),
            "age_days": age,
            "delay_days": np.where(won, delay, np.nan),
            "closed_days": np.where(lost, closing, np.nan),
            "revenue": np.nan,
        }
    )
    holdout = build_holdout(pd.DataFrame({"lead_id": np.arange(leads).astype(str)}), labels, labels)
    np.testing.assert_allclose((0.2 * holdout.visible).sum() / won.sum(), 1.0, atol=0.03)
