from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from leadworth.errors import ConfigurationError, InputError
from simulation import Simulation, simulate


def _z(outcomes: pd.Series, probability: pd.Series) -> float:
    """Return the difference of realised and expected wins in binomial standard deviations."""
    spread = float(np.sqrt((probability * (1 - probability)).sum()))
    return float(outcomes.sum() - probability.sum()) / spread if spread else 0.0


def test_truth_is_calibrated_by_channel_and_decile(base: Simulation) -> None:
    genuine = base.truth[~base.truth["junk"]]
    decile = pd.qcut(genuine["win_probability"], 10, labels=False)
    for by in (genuine["channel"], decile, genuine["submitted_at"].dt.year, genuine["worked"] | True):
        for name, group in genuine.groupby(by):
            assert abs(_z(group["wins"], group["win_probability"])) < 4, name


def test_expected_revenue_is_calibrated(base: Simulation) -> None:
    won = base.truth[base.truth["wins"]]
    ratio = won["revenue"] / won["expected_revenue"]
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / np.sqrt(len(ratio))


def test_junk_never_wins(base: Simulation) -> None:
    junk = base.truth[base.truth["junk"]]
    assert len(junk) > 5000
    assert not junk["wins"].any()
    assert (junk["win_probability"] == 0).all()


def test_rates_and_signal_are_those_of_a_real_company(base: Simulation) -> None:
    truth = base.truth
    assert 0.06 < truth.loc[~truth["junk"], "wins"].mean() < 0.12
    assert 0.04 < truth["wins"].mean() < 0.08
    assert 0.80 < roc_auc_score(truth["wins"], truth["win_probability"]) < 0.85


def test_deals_are_heavy_tailed(base: Simulation) -> None:
    revenue = base.truth.loc[base.truth["wins"], "revenue"]
    assert 2_000 < revenue.median() < 6_000
    assert revenue.max() > 40 * revenue.median()
    assert revenue.nlargest(len(revenue) // 20).sum() > 0.3 * revenue.sum()


def test_ranking_by_value_beats_ranking_by_probability(base: Simulation) -> None:
    top = len(base.truth) // 5
    by_value = base.truth.nlargest(top, "value")["value"].sum()  # what they are worth, not the luck of a few deals
    by_probability = base.truth.nlargest(top, "win_probability")["value"].sum()
    assert by_value > 1.2 * by_probability


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


def test_wins_seen_early_are_the_small_ones(base: Simulation) -> None:
    recent = base.truth[(base.truth["submitted_at"] >= base.end - pd.Timedelta(days=180)) & base.truth["wins"]]
    seen = recent["won_by_end"]
    assert 0.3 < seen.mean() < 0.75
    assert recent.loc[seen, "revenue"].mean() < 0.8 * recent.loc[~seen, "revenue"].mean()


def test_the_crm_knows_nothing_later_than_the_export(base: Simulation) -> None:
    assert (base.stages["stage_at"] < base.end).all()
    assert (base.leads["Created"] < base.end).all()
    assert (base.leads["Last Modified"] < base.end).all()
    assert base.spend["day"].max() < base.end.date().isoformat()
    assert base.sessions["day"].max() < base.end.date().isoformat()
    assert (base.events["stage_at"] >= base.end).any()
    won = set(base.stages.loc[base.stages["stage"] == "Closed - Converted", "lead_id"])
    assert won == set(base.truth.loc[base.truth["won_by_end"], "lead_id"])
    assert won < set(base.truth.loc[base.truth["wins"], "lead_id"])


def test_stages_follow_one_another(base: Simulation) -> None:
    created = base.truth.set_index("lead_id")["submitted_at"]
    assert (base.events["stage_at"] >= base.events["lead_id"].map(created).dt.floor("s")).all()
    first = base.events.pivot_table(index="lead_id", columns="stage", values="stage_at", aggfunc="min")
    won = first[first["Closed - Converted"].notna()]
    for earlier, later in (
        ("Contacted", "Meeting held"),
        ("Meeting held", "Proposal"),
        ("Proposal", "Closed - Converted"),
    ):
        assert (won[earlier] <= won[later]).all()
    assert won["Closed - Lost"].isna().all()


def test_sales_is_human(base: Simulation) -> None:
    truth = base.truth
    genuine = truth[~truth["junk"]]
    middle = genuine["win_probability"].median()
    better, worse = genuine[genuine["win_probability"] > middle], genuine[genuine["win_probability"] <= middle]
    assert better["worked"].mean() > worse["worked"].mean() + 0.05
    assert 0.005 < genuine["labelled_junk"].mean() < 0.05
    caught = truth[truth["junk"]].groupby("attack")["labelled_junk"].mean()
    assert caught["recycled"] < 0.3
    assert caught["random_case"] > 0.75
    labels = base.events[base.events["stage"] == "Junk Lead"]
    late = labels["stage_at"] - labels["lead_id"].map(truth.set_index("lead_id")["submitted_at"])
    assert late.median() > pd.Timedelta(days=4)
    old = truth[truth["submitted_at"] < base.end - pd.Timedelta(days=400)]
    ended = base.stages[base.stages["stage"].isin(["Closed - Lost", "Closed - Converted", "Junk Lead"])]["lead_id"]
    assert 0.3 < (~old["lead_id"].isin(ended)).mean() < 0.7


def test_the_world_drifts(base: Simulation) -> None:
    half = base.truth["submitted_at"] >= base.start + (base.end - base.start) / 2
    early, late = base.truth[~half], base.truth[half]
    assert (late["channel"] == "pmax").mean() > 1.2 * (early["channel"] == "pmax").mean()
    assert late["junk"].mean() > early["junk"].mean() + 0.01
    assert late["wins"].mean() < early["wins"].mean()
    assert (base.truth["submitted_at"].dt.day_of_week < 5).mean() > 0.75


def test_one_seed_one_world() -> None:
    first, second, other = (simulate(leads=500, months=8, seed=s, features=4) for s in (3, 3, 4))
    for name in ("leads", "stages", "spend", "sessions", "truth", "events"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert not first.leads["Email"].equals(other.leads["Email"])


def test_more_features_leave_the_other_columns_alone() -> None:
    few, many = simulate(leads=400, months=6), simulate(leads=400, months=6, features=20)
    assert len(many.leads.columns) == len(few.leads.columns) + 20
    later = ["Lead Status", "Lead Owner", "Last Modified"]
    pd.testing.assert_frame_equal(few.leads.drop(columns=later), many.leads[few.leads.columns].drop(columns=later))


@given(
    leads=st.integers(1, 60),
    months=st.floats(0.1, 30),
    seed=st.integers(0, 2**31),
    scenario=st.sampled_from([None, "trade-fair", "bots", "no-back-end-data", "cheap-lead-poor-return"]),
)
@settings(max_examples=25)
def test_any_small_world_joins(leads: int, months: float, seed: int, scenario: str | None) -> None:
    world = simulate(scenario, leads=leads, months=months, seed=seed, end=date(2025, 3, 1), features=3)
    assert world.leads["Lead ID"].tolist() == world.truth["lead_id"].tolist()
    assert world.leads["Lead ID"].is_unique
    assert len(world.leads) == leads
    assert set(world.stages["lead_id"]) <= set(world.leads["Lead ID"])
    assert world.truth["submitted_at"].is_monotonic_increasing
    assert world.truth["submitted_at"].between(world.start, world.end, inclusive="left").all()


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(InputError, match="leads=0"):
        simulate(leads=0)
    with pytest.raises(ConfigurationError, match="no scenario 'boom'"):
        simulate("boom")
    with pytest.raises(ConfigurationError, match="clsoed"):
        simulate(changes={"sales": {"clsoed": 0.1}})
