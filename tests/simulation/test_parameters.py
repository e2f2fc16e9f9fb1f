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
        "trade-fair",
        "test-address",
        "leads-going-cold",
        "sessions-up-conversions-down",
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
    fair = world.leads[world.leads["Lead Source"] == "fair"]
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
