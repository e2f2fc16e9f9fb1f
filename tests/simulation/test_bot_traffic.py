"""Attacks and unusual people come with their shares."""

from __future__ import annotations

import pytest

from simulation import Simulation, parameters


def test_every_kind_of_people_is_one_in_a_hundred(base: Simulation) -> None:
    genuine = base.truth[~base.truth["junk"]]
    shares = genuine["human"].value_counts() / len(genuine)
    assert set(shares.index) == set(parameters().humans)
    assert shares.min() > 0.0085  # one in a hundred, less chance
    assert base.truth.loc[base.truth["junk"], "human"].isna().all()


def test_every_attack_comes_with_its_share(base: Simulation) -> None:
    junk = base.truth.loc[base.truth["junk"]]
    world = parameters()
    assert set(junk["attack"]) == set(world.attacks)
    on_form = junk[~junk["attack"].isin(["instant_form", "test_address", "burst"])]
    shares = on_form["attack"].value_counts(normalize=True)
    total = sum(attack.share for attack in world.attacks.values())
    for name, attack in world.attacks.items():
        if attack.share:
            assert shares[name] == pytest.approx(attack.share / total, rel=0.25, abs=0.005), name
