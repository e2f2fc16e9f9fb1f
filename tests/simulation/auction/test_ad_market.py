import numpy as np
import pytest

from simulation.auction.ad_market import build_market
from simulation.auction.auction_parameters import auction_parameters


def test_same_seed_same_market(calm):
    again = build_market(auction_parameters(), "calm", 3, leads=6000, shorter=0.4)
    assert (again.leads.price == calm.leads.price).all()
    assert (again.leads.cell == calm.leads.cell).all()
    assert again.daily_budget.tolist() == calm.daily_budget.tolist()


def test_every_bought_lead_has_cell_price_and_platform(calm):
    leads = calm.leads
    bought = leads.bought
    assert (leads.cell[bought] >= 0).all()
    assert (leads.cell[~bought] == -1).all()
    assert (leads.price[bought] > 0).all()
    assert (calm.cells.platform[leads.cell[bought]] == leads.platform[bought]).all()
    channels = leads.world.truth["channel"].to_numpy()
    assert set(channels[~bought]) == {"organic", "referral", "fair"}


def test_shares_and_expected_leads_add_up(calm):
    offered = sum(calm.clicks(day)[1] for day in range(calm.leads.days))
    found = np.bincount(calm.leads.cell[calm.leads.bought], minlength=len(calm.cells))
    assert offered.sum() == pytest.approx(found.sum(), rel=0.05)
    by_channel = np.bincount(calm.cells.channel, calm.lead_share[0])
    assert by_channel[by_channel > 0] == pytest.approx(1.0)
    other, leads = calm.clicks(0)
    assert (other >= 0).all()
    assert (leads >= 0).all()


def test_prices_follow_the_click_price_of_the_channel(calm):
    day = 0
    clicks = sum(calm.clicks(day))
    mean = calm.median_price(day) * np.exp(calm.parameters.prices.sigma**2 / 2)
    names = list(calm.leads.world.parameters.channels)
    code = names.index("search")
    here = calm.cells.channel == code
    season = calm.price_factor[code, day]
    cost = calm.leads.world.parameters.channels["search"].click_cost
    assert float((mean * clicks)[here].sum() / clicks[here].sum()) == pytest.approx(cost * season, rel=0.1)


def test_cheap_inventory_holds_the_bots(calm):
    display = calm.cells.channel == list(calm.leads.world.parameters.channels).index("display")
    many = calm.bot_share[0] > np.median(calm.bot_share[0][display])
    assert calm.base_price[display & many].mean() < 0.8 * calm.base_price[display & ~many].mean()


def test_a_shift_changes_quality_from_its_day_on(calm, shift):
    before = (calm.leads.day < calm.change_day)[:, None].ravel()
    first, later = (market.leads.world.truth for market in (calm, shift))
    assert (first["lead_id"] == later["lead_id"]).all()
    assert (first["value"][before] == later["value"][before]).all()
    search = (first["channel"] == "search").to_numpy()
    assert later["value"][search & ~before].sum() < 0.7 * first["value"][search & ~before].sum()
    partners = (first["channel"] == "search_partners").to_numpy()
    assert later["value"][partners & ~before].sum() > 1.3 * first["value"][partners & ~before].sum()
    assert set(shift.leads.world.events["lead_id"]) == set(later["lead_id"])


def test_a_flood_brings_junk_after_its_day(flood):
    truth = flood.leads.world.truth
    display = (truth["channel"] == "display").to_numpy()
    before = flood.leads.day < flood.change_day
    junk = truth["junk"].to_numpy()
    assert junk[display & ~before].mean() > junk[display & before].mean() + 0.15
