"""Stages and labels of sales."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulation import Simulation, simulate


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


def test_engagement_can_be_biased_to_business_mail() -> None:
    plain, biased = (
        simulate(leads=6_000, months=12, seed=2, changes={"sales": {"engagement_bias": bias}}) for bias in (0.0, 0.9)
    )
    free = plain.leads["Email"].str.contains("gmail|outlook|gmx|yahoo", case=False, na=False).to_numpy()

    def met(world: Simulation, where: np.ndarray) -> int:
        ids = set(world.leads.loc[where, "Lead ID"])
        return int((world.events["lead_id"].isin(ids) & world.events["stage"].eq("Meeting held")).sum())

    assert met(biased, free) < 0.5 * met(plain, free)
    assert met(biased, ~free) > 0.85 * met(plain, ~free)
