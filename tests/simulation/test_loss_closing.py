"""Sales closes lost leads by the policy of the scenario."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation import Simulation, simulate


def closing_days(world: Simulation) -> pd.Series:
    """Return the days from submit to the loss by lead, of leads that are lost."""
    lost = world.events[world.events["stage"] == "Closed - Lost"].set_index("lead_id")["stage_at"]
    submitted = world.truth.set_index("lead_id")["submitted_at"]
    return (lost - submitted[lost.index]).dt.total_seconds() / 86_400


def share_closed(world: Simulation) -> float:
    return len(closing_days(world)) / int((~world.truth["wins"]).sum())


def test_never_and_all() -> None:
    assert closing_days(simulate("never-closed", leads=2_000, months=12)).empty
    assert share_closed(simulate("all-closed", leads=2_000, months=12)) == 1.0
    assert 0.3 < share_closed(simulate(leads=2_000, months=12)) < 0.5


def test_spring_clean_closes_old_leads_together() -> None:
    world = simulate("spring-clean", leads=6_000, months=18)
    days = closing_days(world)
    lost = world.events.loc[world.events["stage"] == "Closed - Lost", "stage_at"]
    since_start = (lost - world.start).dt.total_seconds() / 86_400
    assert days.min() > 100
    np.testing.assert_allclose(since_start % 91, 0, atol=1e-6)
    ages = (world.end - world.truth["submitted_at"]).dt.days
    old = world.truth[(ages > 100 + 2 * 91) & ~world.truth["wins"]]
    lost_before = set(world.stages.loc[world.stages["stage"] == "Closed - Lost", "lead_id"])
    assert old["lead_id"].isin(lost_before).mean() > 1 - 0.2**2 - 0.02


def test_no_stage_follows_a_loss_and_wins_are_never_closed() -> None:
    world = simulate("spring-clean", leads=6_000, months=18)
    last = world.events[world.events["stage"] != "Junk Lead"].groupby("lead_id")["stage"].last()
    lost = set(world.events.loc[world.events["stage"] == "Closed - Lost", "lead_id"])
    assert (last[sorted(lost)] == "Closed - Lost").all()
    assert not lost & set(world.truth.loc[world.truth["wins"], "lead_id"])


def test_worst_first_keeps_promising_leads() -> None:
    world = simulate("worst-first", leads=8_000, months=12)
    truth = world.truth.set_index("lead_id")
    days = closing_days(world)
    chance = truth.loc[days.index, "win_probability"]
    genuine = chance > 0
    quarter = pd.qcut(chance[genuine], 4, labels=False)
    medians = days[genuine].groupby(quarter).median()
    assert medians.iloc[0] < 50
    assert medians.iloc[3] > 2 * medians.iloc[0]
