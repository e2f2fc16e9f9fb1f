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
