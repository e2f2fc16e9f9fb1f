"""Evidence of attacks and of people who look odd, against what the catalogue and the contract of the payload say."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.clicks import gclid_seconds
from simulation import Simulation, parameters, simulate
from tests.features.leads import PERSON

ALLOWED = {*PERSON, "ga", "fbp"}
RATIOS = ("straight", "turn", "cx", "cy")
FLAGS = ("hp", "hp_focus", "hp_fill", "touch", "auto", "gl_soft", *(name for name in PERSON if name.startswith("lie_")))


@pytest.fixture(scope="module")
def seen(base: Simulation) -> pd.DataFrame:
    """Payloads of the base world, one row per lead, with its class."""
    payloads = base.leads["lw_data"].map(json.loads, na_action="ignore")
    rows = pd.DataFrame([payload if isinstance(payload, dict) else {} for payload in payloads])
    truth = base.truth.reset_index(drop=True)[["attack", "human", "junk", "automated"]]
    return rows.assign(seen=payloads.notna().to_numpy()).join(truth)


def test_payloads_hold_what_the_contract_says(seen: pd.DataFrame) -> None:
    assert set(seen.columns) - {"seen", "attack", "human", "junk", "automated"} <= ALLOWED
    known = seen[seen["seen"]]
    assert known["v"].eq(1).all()
    for name in RATIOS:
        assert known[name].dropna().between(0, 1).all(), name
    for name in FLAGS:
        assert set(known[name].dropna().unique()) <= {0, 1}, name
    assert set(known["kind"].dropna()) == {"click", "enter", "script"}
    numbers = known.select_dtypes("number")
    assert (numbers.dropna(axis=1, how="all").min() >= 0).all()


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


def test_machines_leave_the_marks_of_the_catalogue(seen: pd.DataFrame) -> None:
    def of(attack: str) -> pd.DataFrame:
        return seen[seen["attack"].eq(attack) & seen["seen"]]

    assert not seen.loc[seen["attack"].eq("raw_post"), "seen"].any()
    assert (of("fill_everything")["nofocus"] == of("fill_everything")["fields"]).all()
    assert of("random_case")["untrusted"].min() >= 1
    typed = of("headless").query("keys > 0")
    assert (typed["hold_med"] < 60).all()
    assert (typed["ik_cv"] < 0.35).all()
    assert of("headless")["gl_soft"].mean() > 0.75
    assert of("stealth")["lie_gl"].mean() > 0.35
    assert of("stealth")["auto"].mean() < 0.01


def test_people_look_as_measured(seen: pd.DataFrame) -> None:
    people = seen[~seen["junk"] & seen["human"].isna() & seen["seen"] & ~seen["automated"]]
    desk = people[people["touch"].eq(0) & people["keys"].gt(5)]
    assert 95 < desk["hold_med"].median() < 115
    assert people["touch"].mean() == pytest.approx(0.33, abs=0.06)
    assert 0.10 < (people["paste"].gt(0) | people["fill"].gt(0)).mean() < 0.22
    assert people[["auto", "gl_soft", "lie_gl", "lie_ua", "lie_screen"]].mean().max() < 0.01
    assert people["untrusted"].max() == 0


def test_odd_people_show_what_makes_them_odd(seen: pd.DataFrame, base: Simulation) -> None:
    leads, human = base.leads, base.truth["human"].to_numpy()
    assert leads.loc[human == "cached_page", "Form Token"].eq("expired").all()
    assert leads.loc[human == "no_script", "lw_data"].isna().all()
    assert leads.loc[human == "overnight", "Form Seconds"].isna().all()
    assert seen.loc[human == "overnight", "ms"].dropna().min() > 7.5 * 3.6e6
    assert (seen.loc[(human == "autofill") & seen["hp"].eq(1), "hp_fill"] == 1).all()
    assert seen.loc[human == "soft_keyboard", "hold_med"].dropna().max() <= 2
    assert leads.loc[human == "private_relay", "ASN"].isin([36183, 13335, 54113]).all()
    assert not leads.loc[human == "gateway", "Headers"].str.contains("sec-").any()
    stands = leads[human == "fair_stand"].groupby(leads["Created"].dt.floor("D"))["IP"]
    assert (stands.nunique() <= stands.size() / 5).mean() > 0.8


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


def test_click_ids_tell_their_time(base: Simulation) -> None:
    leads = base.leads.dropna(subset="gclid")
    hours = (leads["Created"].astype("int64") / 1e6 - leads["gclid"].map(gclid_seconds)) / 3600
    assert hours.notna().all()
    assert hours.min() > -0.01
    genuine = ~base.truth["junk"].to_numpy()[leads.index]
    assert hours[genuine].median() < 1
    assert hours[~genuine].quantile(0.9) > 240


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


def test_bidding_moves_money_to_the_campaign_of_bots(base: Simulation) -> None:
    truth = base.truth[base.truth["channel"].eq("pmax")]
    bots = truth["campaign"].eq("pmax_feed")
    assert truth.loc[bots, "junk"].mean() == pytest.approx(0.9, abs=0.04)
    half = truth["submitted_at"].median()
    first, second = bots[truth["submitted_at"] < half].mean(), bots[truth["submitted_at"] >= half].mean()
    assert second > 1.2 * first
    spent = base.spend[base.spend["campaign"].eq("pmax_feed")].groupby(base.spend["day"].str[:4])["cost"].mean()
    assert spent.iloc[-1] > spent.iloc[0]
