from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadworth.errors import ConfigurationError, InputError
from simulation import Simulation, simulate


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


def test_one_seed_one_world() -> None:
    first, second, other = (simulate(leads=500, months=8, seed=s, features=4) for s in (3, 3, 4))
    for name in ("leads", "stages", "spend", "sessions", "truth", "events"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert not first.leads["Email"].equals(other.leads["Email"])


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


@pytest.mark.parametrize("scenario", [None, "new-offer", "bots", "sessions-up-conversions-down"])
def test_leads_after_the_export_are_a_table_of_their_own(scenario: str | None) -> None:
    world = simulate(scenario, leads=4_000, months=12, new_days=60, seed=3)
    assert len(world.leads) + len(world.new_leads) == len(world.truth) == 4_000
    assert world.truth["lead_id"].tolist() == [*world.leads["Lead ID"], *world.new_leads["Lead ID"]]
    assert (world.leads["Created"] < world.end).all()
    assert world.new_leads["Created"].between(world.end, world.end + pd.Timedelta(days=60), inclusive="left").all()
    assert 200 < len(world.new_leads) < 1_600
    assert (world.new_leads["Lead Status"] == "New").all()
    assert list(world.new_leads.columns) == list(world.leads.columns)
    for table in (world.spend, world.sessions):
        assert table["day"].max() < world.end.date().isoformat()
    new = world.truth.iloc[len(world.leads) :]
    assert not new["won_by_end"].any()
    assert not new["open_at_end"].any()
    assert new["wins"].any()
    assert set(world.stages["lead_id"]) <= set(world.leads["Lead ID"])


def test_leads_open_at_the_export_are_those_without_an_end(base: Simulation) -> None:
    ended = base.stages.loc[base.stages["stage"].isin(["Closed - Converted", "Closed - Lost", "Junk Lead"]), "lead_id"]
    young = base.truth["submitted_at"] > base.end - pd.Timedelta(days=365)
    assert (base.truth["open_at_end"] == (young & ~base.truth["lead_id"].isin(ended))).all()
    still = base.truth[base.truth["open_at_end"]]
    assert base.truth.loc[~base.truth["open_at_end"], "open_value"].isna().all()
    wins, expected = still["wins"].sum(), still["open_win_probability"].sum()
    assert abs(wins - expected) < 4 * expected**0.5
    assert still["open_value"].sum() < still["value"].sum()
