"""Split of a history into training and test leads, forward in time or at random.

With the forward split a model is trained on the leads up to the cut, with the outcomes known then, and
evaluated on the leads after it. The random split is used only to show how optimistic its metrics are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd

from crm.lead_history import LeadHistory
from features.feature_group import Kind
from leadworth.errors import TrainingError
from training.labels import data_end, label
from training.lead_data import LeadData
from training.velocity_backfill import with_velocity

MINIMUM_LEADS = 50
DATED_SHARE = 0.5
"""With a smaller share of dated wins the outcomes of an earlier day cannot be reconstructed."""


@dataclass(frozen=True)
class KnownHistory:
    """A history as of a snapshot.

    Attributes
    ----------
    leads, labels
        Lead table of the leads submitted by the snapshot, in their order if the settings name one, with their
        velocity counts as scoring counts them, and their labels as of the snapshot; same index.
    outcomes
        Whole outcome table.
    extras
        Extra columns and their kinds.
    as_of
        The snapshot; None if nothing is dated.
    horizon_days
        Later wins do not count.
    columns
        Field of the lead table -> column of the file.
    ignored
        Fields of the lead table that are never features.
    """

    leads: pd.DataFrame
    labels: pd.DataFrame
    outcomes: pd.DataFrame
    extras: Mapping[str, Kind]
    as_of: datetime | None
    horizon_days: int
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()

    @cached_property
    def data(self) -> LeadData:
        """Features of all leads, computed once."""
        return LeadData.of(self.leads, self.extras, self.ignored)

    @property
    def snapshot(self) -> pd.Timestamp:
        """The snapshot of a dated history; NaT if nothing is dated."""
        return pd.Timestamp(self.as_of)  # type: ignore[arg-type]

    @property
    def undated_outcomes(self) -> bool:
        """Whether the leads are dated and most wins are not, so that no earlier state can be reconstructed."""
        won = self.labels["state"].eq("won")
        dated = self.labels.loc[won, "delay_days"].notna()
        return bool(self.labels["age_days"].notna().any() and won.any() and dated.mean() < DATED_SHARE)


@dataclass(frozen=True)
class TimeSplit:
    """Labels of the training leads, and labels of the test leads at the end of the data.

    `cut` is the time between them; None for a random split, or without dates. With `as_they_stand` the training
    leads have the outcomes of the end of the data, too, because those of the cut are unknown, and open leads are not
    evaluated.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    cut: pd.Timestamp | None
    as_they_stand: bool = False


def known_history(
    history: LeadHistory, *, as_of: datetime | None, not_before: datetime | None, horizon_days: int
) -> KnownHistory:
    """Cut a history at a snapshot.

    Parameters
    ----------
    history
        Leads and outcomes as read.
    as_of
        The snapshot; None for the end of the data.
    not_before
        Leads submitted earlier are left out.
    horizon_days
        Later wins do not count.

    Raises
    ------
    TrainingError
        If fewer than 50 leads are left.
    """
    leads = with_velocity(history.leads)
    if not_before is not None:
        leads = leads.loc[~(leads["submitted_at"] < pd.Timestamp(not_before))]
    if "order" in leads:
        leads = leads.sort_values("order", kind="stable")
    end = data_end(leads, history.outcomes)
    outcomes = _without_future_dates(history, end)
    snapshot = as_of or (end.to_pydatetime() if end is not None else None)
    labels = label(leads, outcomes, as_of=snapshot, horizon_days=horizon_days)
    if len(labels) < MINIMUM_LEADS:
        raise TrainingError(
            f"{len(labels)} leads" + (f" up to {snapshot:%Y-%m-%d}" if snapshot else ""),
            allowed=f"at least {MINIMUM_LEADS}",
            do="export a longer period, or correct --as-of and [training] not_before",
        )
    return KnownHistory(
        leads=leads if len(labels) == len(leads) else leads.loc[labels.index],
        labels=labels,
        outcomes=outcomes,
        extras=history.extras,
        as_of=snapshot,
        horizon_days=horizon_days,
        columns=history.columns,
        ignored=history.ignored,
    )


def _without_future_dates(history: LeadHistory, end: pd.Timestamp | None) -> pd.DataFrame:
    """Return the outcomes; a win that a flag or stage shows has no date where its date is after the end of the data."""
    outcomes = history.outcomes
    if end is None or "won_at" not in outcomes or history.win_evidence.won_by_date:
        return outcomes
    later = outcomes["won_at"] > end
    return outcomes.assign(won_at=outcomes["won_at"].mask(later)) if later.any() else outcomes


def forward_split(known: KnownHistory, test_share: float, champion_as_of: datetime | None = None) -> TimeSplit:
    """Split by time: train on the earlier leads with labels as of the cut, test on the later ones.

    Without dates the leads are split by their order, with final outcomes. If most wins have no date, the outcomes
    of the training leads are those of the end of the data.

    Parameters
    ----------
    known
        The history.
    test_share
        Share of the leads, the latest ones, to test on.
    champion_as_of
        Snapshot of the champion: the cut moves there if it is later and 50 leads follow it, so that
        champion and challenger are trained on data up to the same day.
    """
    submitted = known.leads["submitted_at"]
    if submitted.notna().mean() < 0.5:
        rank = known.leads["order"] if "order" in known.leads else pd.Series(np.arange(len(known.leads)))
        test = rank.rank(method="first").to_numpy() > (1 - test_share) * len(known.leads)
        any_open = bool(known.labels["state"].eq("open").any())
        return TimeSplit(known.labels.loc[~test], known.labels.loc[test], None, as_they_stand=any_open)
    cut = pd.Timestamp(submitted.quantile(1 - test_share))  # type: ignore[arg-type]
    if champion_as_of is not None and champion_as_of > cut and (submitted > champion_as_of).sum() >= MINIMUM_LEADS:
        cut = pd.Timestamp(champion_as_of)
    if known.undated_outcomes:
        later = submitted > cut
        return TimeSplit(known.labels.loc[~later & submitted.notna()], known.labels.loc[later], cut, as_they_stand=True)
    train = label(known.leads, known.outcomes, as_of=cut, horizon_days=known.horizon_days)
    train = train.loc[submitted.loc[train.index].notna()]
    return TimeSplit(train, known.labels.loc[submitted > cut], cut)


def random_split(known: KnownHistory, test_share: float, seed: int) -> TimeSplit:
    """Split at random, with all labels as of the end of the data."""
    test = np.random.default_rng(seed).random(len(known.labels)) < test_share
    return TimeSplit(known.labels.loc[~test], known.labels.loc[test], None)
