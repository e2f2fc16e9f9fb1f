"""Snapshot of a history, and its split forward in time or at random."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crm.lead_history import LeadHistory
from crm.win_evidence import WinEvidence
from features.velocity_keys import FIELDS
from leadworth.errors import TrainingError
from leadworth.settings import Settings
from training.time_split import forward_split, known_history, random_split


def test_the_forward_split_trains_on_nothing_after_the_cut(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    split = forward_split(known, 0.3)
    submitted = known.leads["submitted_at"]
    assert split.cut is not None
    assert submitted.loc[split.train.index].max() <= split.cut < submitted.loc[split.test.index].min()
    assert len(split.test) == pytest.approx(0.3 * len(known.labels), abs=2)
    won = split.train["delay_days"].dropna()
    assert (submitted.loc[won.index] + pd.to_timedelta(won, unit="D") <= split.cut + pd.Timedelta(seconds=1)).all()
    assert (split.train["state"] == "won").sum() < (known.labels.loc[split.train.index, "state"] == "won").sum()


def test_the_cut_moves_to_the_snapshot_of_the_champion(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    submitted = known.leads["submitted_at"]
    earlier, later, end = submitted.quantile(0.5), submitted.quantile(0.9), submitted.max()
    default = forward_split(known, 0.3).cut
    assert forward_split(known, 0.3, later.to_pydatetime()).cut == later.floor("us")
    assert forward_split(known, 0.3, earlier.to_pydatetime()).cut == default
    assert forward_split(known, 0.3, end.to_pydatetime()).cut == default


def test_without_dates_the_order_splits() -> None:
    leads = pd.DataFrame({"lead_id": [str(i) for i in range(100)], "order": np.arange(100.0)[::-1]})
    leads["submitted_at"] = pd.Series(pd.NaT, index=leads.index, dtype="datetime64[us, UTC]")
    outcomes = pd.DataFrame({"lead_id": leads["lead_id"][:20], "won": True})
    known = known_history(
        LeadHistory(leads, outcomes, {}, counts=None),  # type: ignore[arg-type]
        as_of=None,
        not_before=None,
        horizon_days=365,
    )
    split = forward_split(known, 0.3)
    assert leads.loc[split.test.index, "order"].min() > leads.loc[split.train.index, "order"].max()
    assert split.cut is None


@pytest.mark.parametrize(("by_date", "state"), [(0, "won"), (5, "lost")])
def test_a_win_that_is_dated_in_the_future_is_won_if_a_flag_or_stage_shows_it(by_date: int, state: str) -> None:
    submitted = pd.Timestamp.now("UTC") - pd.to_timedelta(np.arange(100)[::-1] * 5.0, unit="D")
    leads = pd.DataFrame({"lead_id": [str(number) for number in range(100)], "submitted_at": submitted})
    won_at = leads["submitted_at"][:20] + pd.Timedelta(days=9)
    won_at[0] = pd.Timestamp.now("UTC") + pd.Timedelta(days=500)
    outcomes = pd.DataFrame({"lead_id": leads["lead_id"][:20], "won": True, "won_at": won_at})
    evidence = WinEvidence(won=20, won_by_date=by_date)
    history = LeadHistory(leads, outcomes, {}, counts=None, win_evidence=evidence)  # type: ignore[arg-type]
    known = known_history(history, as_of=None, not_before=None, horizon_days=365)
    assert known.snapshot == submitted[-1]
    assert known.labels["state"].value_counts()["open"] >= 70
    assert known.labels["state"][0] == state


def test_a_random_split_is_a_partition(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    split = random_split(known, 0.3, seed=1)
    assert sorted([*split.train.index, *split.test.index]) == sorted(known.labels.index)


def test_too_few_leads_are_refused(history: LeadHistory) -> None:
    few = LeadHistory(history.leads.head(20), history.outcomes, history.extras, history.counts)
    with pytest.raises(TrainingError, match="20 leads"):
        known_history(few, as_of=None, not_before=None, horizon_days=365)


def test_outcomes_without_dates_stay_as_they_stand(settings: Settings, history: LeadHistory) -> None:
    dates = [name for name in history.outcomes if name.endswith("_at")]
    undated = replace(history, outcomes=history.outcomes.drop(columns=dates))
    known = known_history(undated, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    assert known.undated_outcomes
    split = forward_split(known, 0.3)
    assert split.as_they_stand
    assert split.train["state"].eq("won").sum() == known.labels.loc[split.train.index, "state"].eq("won").sum() > 0
    dated = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    assert not dated.undated_outcomes
    assert not forward_split(dated, 0.3).as_they_stand


def test_leads_have_the_velocity_counts_that_scoring_gives_them(settings: Settings, history: LeadHistory) -> None:
    known = known_history(history, as_of=None, not_before=None, horizon_days=settings.horizon_days)
    added = set(known.leads) - set(history.leads)
    assert added
    assert added <= set(FIELDS)
