"""Cut a history in two: what a model may learn from, and the leads that judge it.

The forward split is the honest one: the model sees the world as of the cut, with the outcomes that were
known then, and is judged on the leads that came after. The random split stands beside it only to show
how much it flatters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from crm.lead_history import LeadHistory
from features.base import Kind
from leadworth.errors import TrainingError
from training.labels import data_end, label
from training.velocity_backfill import with_history

MINIMUM_LEADS = 50


@dataclass(frozen=True)
class KnownHistory:
    """A history as of a snapshot.

    Attributes
    ----------
    leads, labels
        Lead table of the leads submitted by then, in their order where the settings name one, and what
        was known of them; same index.
    outcomes
        Outcome table, uncut.
    extras
        Further columns and their kind.
    as_of
        The snapshot; None where nothing is dated.
    """

    leads: pd.DataFrame
    labels: pd.DataFrame
    outcomes: pd.DataFrame
    extras: Mapping[str, Kind]
    as_of: datetime | None
    horizon_days: int


@dataclass(frozen=True)
class TimeSplit:
    """Labels to learn from, and labels of the leads that judge, at the end of the data.

    `cut` is the moment between them; None for a split at random, or without dates.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    cut: pd.Timestamp | None


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
        A win later than this does not count.

    Raises
    ------
    TrainingError
        Where fewer than 50 leads are left.
    """
    leads = with_history(history.leads)
    if not_before is not None:
        leads = leads.loc[~(leads["submitted_at"] < pd.Timestamp(not_before))]
    if "order" in leads:
        leads = leads.sort_values("order", kind="stable")
    end = data_end(leads, history.outcomes)
    moment = as_of or (end.to_pydatetime() if end is not None else None)
    labels = label(leads, history.outcomes, as_of=moment, horizon_days=horizon_days)
    if len(labels) < MINIMUM_LEADS:
        raise TrainingError(
            f"{len(labels)} leads" + (f" up to {moment:%Y-%m-%d}" if moment else ""),
            allowed=f"at least {MINIMUM_LEADS}",
            do="export a longer period, or correct --as-of and [training] not_before",
        )
    return KnownHistory(leads.loc[labels.index], labels, history.outcomes, history.extras, moment, horizon_days)


def forward_split(known: KnownHistory, test_share: float, champion_as_of: datetime | None = None) -> TimeSplit:
    """Split by time: learn from the earlier leads as seen at the cut, judge on the later ones.

    Without dates the leads are split by their order, with final outcomes.

    Parameters
    ----------
    known
        The history.
    test_share
        Latest share of the leads that judges.
    champion_as_of
        Snapshot of the champion: the cut moves there if it is later and 50 leads came after it, so that
        champion and challenger know the world up to the same day.
    """
    submitted = known.leads["submitted_at"]
    if submitted.notna().mean() < 0.5:
        rank = known.leads["order"] if "order" in known.leads else pd.Series(np.arange(len(known.leads)))
        later = rank.rank(method="first").to_numpy() > (1 - test_share) * len(known.leads)
        return TimeSplit(known.labels.loc[~later], known.labels.loc[later], None)
    cut = pd.Timestamp(submitted.quantile(1 - test_share))  # type: ignore[arg-type]
    if champion_as_of is not None and champion_as_of > cut and (submitted > champion_as_of).sum() >= MINIMUM_LEADS:
        cut = pd.Timestamp(champion_as_of)
    train = label(known.leads, known.outcomes, as_of=cut, horizon_days=known.horizon_days)
    train = train.loc[submitted.loc[train.index].notna()]
    return TimeSplit(train, known.labels.loc[submitted > cut], cut)


def random_split(known: KnownHistory, test_share: float, seed: int) -> TimeSplit:
    """Split at random, all labels as of the end of the data."""
    later = np.random.default_rng(seed).random(len(known.labels)) < test_share
    return TimeSplit(known.labels.loc[~later], known.labels.loc[later], None)
