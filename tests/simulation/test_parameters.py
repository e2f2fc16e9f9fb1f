"""Each named scenario must show its story in the data."""

from __future__ import annotations

import pandas as pd

from simulation import scenarios, simulate
from simulation.simulation_summary import by_channel


def test_all_replays_are_there() -> None:
    assert set(scenarios()) == {
        "cheap-lead-poor-return",
        "bots",
        "no-back-end-data",
        "back-end-data",
        "trade-fair",
        "test-address",
        "leads-going-cold",
        "sessions-up-conversions-down",
        "two-speeds",
        "slow-giants",
        "speeding-up",
        "never-closed",
        "all-closed",
        "spring-clean",
        "worst-first",
        "sinking",
        "new-offer",
        "archived",
    }


def test_cheap_lead_poor_return() -> None:
    world = simulate("cheap-lead-poor-return", leads=40_000, months=12)
    table = by_channel(world)
    cost = table["cost_per_lead"]
    assert 0.28 < cost["meta_form"] / cost["search"] < 0.39
    closing = world.truth.groupby("channel")["win_probability"].mean()
    assert 1 / 10 < closing["meta_form"] / closing["search"] < 1 / 6.5
    returned = (table["revenue_so_far"] + table["revenue_to_come"]) / table["spend"]
    assert returned["search"] > 2 * returned["meta_form"]
    assert 85 < world.truth["win_delay_days"].median() < 125


def test_cheap_lead_poor_return_at_day_45() -> None:
    truth = simulate("cheap-lead-poor-return", leads=20_000, months=45 / 30.4375).truth
    assert truth["won_by_end"].sum() < 0.3 * truth["wins"].sum()


def test_bots() -> None:
    world = simulate("bots", leads=40_000, months=18)
    display = world.truth[world.truth["channel"] == "display"]
    since = world.end - pd.Timedelta(days=60)
    before, after = display[display["submitted_at"] < since], display[display["submitted_at"] >= since]
    assert before["junk"].mean() < 0.08
    assert 0.42 < after["junk"].mean() < 0.49
    assert len(after) / 60 > 1.4 * len(before) / ((since - world.start).days)
    assert 140 < world.truth["win_delay_days"].median() < 215


def test_no_back_end_data() -> None:
    world = simulate("no-back-end-data", leads=3_000, months=12)
    assert world.stages.empty
    assert list(world.stages.columns) == list(world.events.columns)
    assert (world.leads["Lead Status"] == "New").all()
    assert (world.leads["Last Modified"] == world.leads["Created"]).all()
    assert world.truth["wins"].sum() > 50


def test_trade_fair() -> None:
    world = simulate("trade-fair", leads=6_000, months=12)
    fair = world.leads[world.leads["Lead Source"] == "hannover-messe"]
    assert len(fair) == 500
    assert fair["Created"].nunique() == 1
    assert (fair["Entry"] == "import").all()
    again = world.truth[world.truth["duplicate_of"].isin(fair["Lead ID"])]
    assert len(again) >= 20
    acted = world.leads[world.leads["Lead ID"].isin(again["lead_id"])]
    assert (acted["Entry"] == "form").all()
    assert acted["Created"].min() > fair["Created"].max()


def test_test_address() -> None:
    world = simulate("test-address", leads=5_000, months=6)
    tests = world.truth["attack"] == "test_address"
    assert 0.05 < tests.mean() < 0.09
    mails = set(world.leads.loc[tests, "Email"].str.lower())
    assert {"test@test.com", "asdf@asdf.com", "john@example.com", "qa@staging.test", "nobody@nowhere.invalid"} <= mails
    assert {"[email protected]", "demo@our-own-company.example"} <= mails
    genuine = world.leads.loc[~world.truth["junk"], "Email"].str.lower()
    assert not genuine.isin(mails).any()


def test_leads_going_cold() -> None:
    cold, usual = (simulate(name, leads=20_000, months=12) for name in ("leads-going-cold", None))
    shares = []
    for world in (cold, usual):
        good = world.truth["value"] > world.truth["value"].quantile(0.8)
        aged = world.truth["submitted_at"].between(world.end - pd.Timedelta(days=60), world.end - pd.Timedelta(days=10))
        touched = world.stages.loc[world.stages["stage"] == "Contacted", "lead_id"]
        shares.append(float((~world.truth["lead_id"].isin(touched))[good & aged].mean()))
    assert shares[0] > 0.6
    assert shares[1] < 0.35


def test_two_speeds() -> None:
    days = simulate("two-speeds", leads=12_000, months=12).truth["win_delay_days"].dropna()
    assert days.quantile(0.45) < 25
    assert days.quantile(0.55) > 60
    assert ((days > 25) & (days < 60)).mean() < 0.2


def test_slow_giants() -> None:
    won = simulate("slow-giants", leads=12_000, months=12).truth.query("wins")
    large = won["revenue"] > won["revenue"].quantile(0.9)
    assert won.loc[large, "win_delay_days"].median() > 2.5 * won.loc[~large, "win_delay_days"].median()
    assert won.loc[large, "revenue"].sum() > 0.5 * won["revenue"].sum()


def test_speeding_up() -> None:
    won = simulate("speeding-up", leads=12_000, months=24).truth.query("wins")
    year = won["submitted_at"] < won["submitted_at"].min() + pd.Timedelta(days=180)
    last = won["submitted_at"] > won["submitted_at"].max() - pd.Timedelta(days=180)
    ratio = won.loc[last, "win_delay_days"].median() / won.loc[year, "win_delay_days"].median()
    assert 0.35 < ratio < 0.6


def test_sinking_and_new_offer() -> None:
    sinking, usual = (simulate(name, leads=12_000, months=24).truth.query("not junk") for name in ("sinking", None))
    first, last = (
        [
            part.loc[part["submitted_at"].rank(pct=True).between(low, low + 0.25), "win_probability"].mean()
            for low in (0, 0.75)
        ]
        for part in (sinking, usual)
    )
    assert first[1] < 0.5 * first[0]
    assert last[1] > 0.6 * last[0]
    world = simulate("new-offer", leads=12_000, months=24)
    genuine = world.truth.query("not junk")
    new = genuine["submitted_at"] >= world.end - pd.Timedelta(days=120)
    chance = genuine["win_probability"]
    assert 1.6 < chance[new].mean() / chance[~new].mean() < 2.4


def test_archived() -> None:
    world = simulate("archived", leads=20_000, months=18)
    early = world.truth["submitted_at"] < world.start + pd.Timedelta(days=150)
    assert world.truth.loc[early, "won_by_end"].all()
    assert early.sum() > 50
    assert world.truth.loc[~early, "won_by_end"].mean() < 0.1
    assert world.leads["Lead ID"].tolist() == world.truth["lead_id"].tolist()
    assert set(world.events["lead_id"]) == set(world.truth["lead_id"])
