"""Addresses and networks."""

from __future__ import annotations

from simulation import Simulation, parameters


def test_attacks_share_what_they_have_few_of(base: Simulation) -> None:
    leads, attack = base.leads, base.truth["attack"].to_numpy()
    world = parameters().attacks
    raids = leads[attack == "sabotage"]
    nets = raids["IP"].dropna().str.rpartition(".")[0].groupby(raids["Created"].dt.floor("D"))
    assert (nets.nunique() <= 2).mean() > 0.9  # a raid comes from one network, within a day
    assert nets.size().mean() > 3
    assert leads.loc[attack == "click_farm", "IP"].nunique() <= world["click_farm"].addresses * 2
    people = leads.loc[~base.truth["junk"].to_numpy(), "IP"].dropna()
    assert people.nunique() > 0.6 * len(people)
    flood = base.truth[base.truth["attack"].eq("burst")]
    assert (flood["submitted_at"].max() - flood["submitted_at"].min()).days < 2
    assert set(flood["channel"]) == {"organic"}


def test_addresses_are_of_ranges_for_tests(base: Simulation) -> None:
    known = base.leads["IP"].dropna()
    assert known.str.match(r"(10|198\.1[89])\.").all()
