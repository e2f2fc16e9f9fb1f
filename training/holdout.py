"""The leads after the cut, and what became of them: the judge of every model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadworth.arrays import Vector
from training.outcome_maturity import OutcomeMaturity

MINIMUM_CHANNEL = 30
ALL, OTHER, UNKNOWN = "all", "other", "unknown"


@dataclass(frozen=True)
class Holdout:
    """Leads that no judged model was trained on, with their outcomes as far as they are known.

    Arrays have shape (leads,). A prediction is for the whole horizon; `seen` scales it to the wins that
    could be visible by now, so that young leads can judge too.

    Attributes
    ----------
    won, revenue
        Wins seen and their revenue: 0 where not won, the mean of the others where not known, 1 where
        the history knows no money.
    seen, seen_money
        Share of eventual wins, and of their money, that is visible at the age of the lead. It is the same
        for open, lost and won leads of an age: a share that depended on the outcome would reward forecasts
        that are too low.
    channel
        Source of the lead, rare ones together.
    period
        Quarter of the submit, or of the order where there is no date.
    """

    won: NDArray[np.bool_]
    revenue: Vector
    seen: Vector
    seen_money: Vector
    channel: NDArray[np.object_]
    period: NDArray[np.object_]
    has_money: bool

    def __len__(self) -> int:
        return len(self.won)


def build_holdout(leads: pd.DataFrame, labels: pd.DataFrame, every: pd.DataFrame) -> Holdout:
    """Set up the judge.

    Parameters
    ----------
    leads
        Lead table of the later leads.
    labels
        Their labels at the end of the data.
    every
        Labels of all leads at the end of the data; their wins tell how late wins come.
    """
    dated = every.loc[every["delay_days"].notna()]
    delay, age = dated["delay_days"].to_numpy(float), dated["age_days"].to_numpy(float)
    money = dated["revenue"].fillna(0.0).to_numpy(float)
    lead_age = labels["age_days"].to_numpy(float)
    wins = OutcomeMaturity.fit(delay, age)
    values = OutcomeMaturity.fit(delay, age, money) if (money > 0).sum() >= 2 else wins
    won = labels["state"].eq("won").to_numpy()
    has_money = bool((every["revenue"].fillna(0.0) > 0).any())
    known = labels["revenue"].where(labels["state"].eq("won"))
    revenue = known.fillna(known.mean()).fillna(0.0).to_numpy(float) if has_money else won.astype(float)
    return Holdout(
        won=won,
        revenue=np.where(won, revenue, 0.0),
        seen=wins.at(lead_age),
        seen_money=values.at(lead_age),
        channel=channel_of(leads),
        period=_period(leads),
        has_money=has_money,
    )


def channel_of(leads: pd.DataFrame) -> NDArray[np.object_]:
    """Return the channel of each lead: its source, the rare ones as "other".

    Examples
    --------
    >>> set(channel_of(pd.DataFrame({"lead_id": ["a", "b"]})))
    {'all'}
    """
    if "source" not in leads:
        return np.full(len(leads), ALL, dtype=object)
    source = leads["source"].str.strip().str.casefold().fillna(UNKNOWN)
    common = source.value_counts()
    kept = set(common.index[common >= MINIMUM_CHANNEL])
    return np.array(source.where(source.isin(kept), OTHER), dtype=object)


def _period(leads: pd.DataFrame) -> NDArray[np.object_]:
    if "submitted_at" in leads and leads["submitted_at"].notna().any():
        stamps = leads["submitted_at"].dt.tz_localize(None)
        days = stamps.max() - stamps.min()
        cohort = "M" if days < pd.Timedelta(days=400) else "Q"
        return np.array(stamps.dt.to_period(cohort).astype(str), dtype=object)
    parts = np.minimum(np.arange(len(leads)) * 5 // max(len(leads), 1), 4)
    return np.array([f"part {part + 1} of 5" for part in parts], dtype=object)
