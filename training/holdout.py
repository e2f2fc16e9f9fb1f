"""Holdout: leads that no evaluated model was trained on, with their outcomes so far."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.lead_origin import channel_of_lead
from leadworth.arrays import Flags, Vector
from leadworth.channel_groups import shipped
from training.outcome_maturity import OutcomeMaturity

MINIMUM_CHANNEL = 30
ALL = "all"
OTHER = "other"
UNKNOWN = "unknown"
TAGS = ("source", "medium", "campaign", "entry")


@dataclass(frozen=True)
class Holdout:
    """Leads with their outcomes, arrays of shape (leads,).

    A forecast is for the whole horizon; `visible` scales it to the wins that can be visible by now, so that
    young leads can be used for evaluation too.

    Attributes
    ----------
    won, revenue
        Wins so far and their revenue: 0 if not won, the mean of the other wins if unknown, 1 if the
        history has no revenue.
    visible, visible_money
        Share of eventual wins, and of their money, that is visible at the age of the lead. It is the same
        for open, lost and won leads of an age: a share that depended on the outcome would reward forecasts
        that are too low.
    channel
        Source of the lead; rare sources are grouped as "other". Checks of a model use it.
    group
        Channel group of the lead, rare ones as "other". Tables for people use it.
    period
        Month or quarter of the submit; fifth of the order if there is no date.
    largest
        Revenue of the largest win of the history; 1 if the history has no revenue.
    """

    won: NDArray[np.bool_]
    revenue: Vector
    visible: Vector
    visible_money: Vector
    channel: NDArray[np.object_]
    group: NDArray[np.object_]
    period: NDArray[np.object_]
    has_money: bool
    largest: float = 1.0

    def __len__(self) -> int:
        return len(self.won)

    def part(self, inside: Flags) -> Holdout:
        """Return some of the leads; `inside` has shape (leads,)."""
        return replace(
            self,
            won=self.won[inside],
            revenue=self.revenue[inside],
            visible=self.visible[inside],
            visible_money=self.visible_money[inside],
            channel=self.channel[inside],
            group=self.group[inside],
            period=self.period[inside],
        )


def build_holdout(leads: pd.DataFrame, labels: pd.DataFrame, all_labels: pd.DataFrame) -> Holdout:
    """Build the holdout.

    Parameters
    ----------
    leads
        Lead table of the holdout.
    labels
        Labels of the same leads at the end of the data.
    all_labels
        Labels of all leads at the end of the data; the delays of their wins give the visible shares.
    """
    dated = all_labels.loc[all_labels["delay_days"].notna()]
    delay, age = dated["delay_days"].to_numpy(float), dated["age_days"].to_numpy(float)
    money = dated["revenue"].fillna(0.0).to_numpy(float)
    lead_age = labels["age_days"].to_numpy(float)
    wins = OutcomeMaturity.fit(delay, age)
    values = OutcomeMaturity.fit(delay, age, money) if (money > 0).sum() >= 2 else wins
    won = labels["state"].eq("won").to_numpy()
    has_money = bool((all_labels["revenue"].fillna(0.0) > 0).any())
    won_revenue = labels["revenue"].where(labels["state"].eq("won"))
    revenue = won_revenue.fillna(won_revenue.mean()).fillna(0.0).to_numpy(float) if has_money else won.astype(float)
    return Holdout(
        won=won,
        revenue=np.where(won, revenue, 0.0),
        visible=wins.at(lead_age),
        visible_money=values.at(lead_age),
        channel=channel_of(leads),
        group=group_of(leads),
        period=_period(leads),
        has_money=has_money,
        largest=float(all_labels["revenue"].max()) if has_money else 1.0,
    )


def channel_of(leads: pd.DataFrame) -> NDArray[np.object_]:
    """Return the channel of each lead: its source, or "other" if the source is rare.

    Examples
    --------
    >>> set(channel_of(pd.DataFrame({"lead_id": ["a", "b"]})))
    {'all'}
    """
    if "source" not in leads:
        return np.full(len(leads), ALL, dtype=object)
    source = leads["source"].str.strip().str.casefold().fillna(UNKNOWN)
    counts = source.value_counts()
    frequent = set(counts.index[counts >= MINIMUM_CHANNEL])
    return np.array(source.where(source.isin(frequent), OTHER), dtype=object)


def group_of(leads: pd.DataFrame) -> NDArray[np.object_]:
    """Return the channel group of each lead, or "other" if the group is rare; the tables of the reports show it.

    Examples
    --------
    >>> leads = pd.DataFrame({"source": ["fb"] * 100, "medium": ["cpc"] * 100})
    >>> set(group_of(leads))
    {'Paid Social'}
    """
    names = [name for name in (*TAGS, *shipped().click_platforms) if name in leads]
    if not names:
        return np.full(len(leads), ALL, dtype=object)
    rows = zip(*(leads[name].astype(object).where(leads[name].notna(), None) for name in names), strict=True)
    groups = pd.Series([channel_of_lead(dict(zip(names, row, strict=True)), shipped()) for row in rows], dtype=object)
    counts = groups.value_counts()
    frequent = set(counts.index[counts >= MINIMUM_CHANNEL])
    return np.array(groups.where(groups.isin(frequent), OTHER), dtype=object)


def _period(leads: pd.DataFrame) -> NDArray[np.object_]:
    if "submitted_at" in leads and leads["submitted_at"].notna().any():
        stamps = leads["submitted_at"].dt.tz_localize(None)
        days = stamps.max() - stamps.min()
        cohort = "M" if days < pd.Timedelta(days=400) else "Q"
        return np.array(stamps.dt.to_period(cohort).astype(str), dtype=object)
    parts = np.minimum(np.arange(len(leads)) * 5 // max(len(leads), 1), 4)
    return np.array([f"part {part + 1} of 5" for part in parts], dtype=object)
