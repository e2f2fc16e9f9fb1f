import numpy as np
import pytest

from simulation.auction.second_price import OfferedLeads, expected_cost, run_day, win_chance

SIGMA = 0.5
NONE = OfferedLeads(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


def test_chance_and_cost_agree_with_drawn_auctions():
    price = 2.0 * np.exp(SIGMA * np.random.default_rng(1).normal(size=400_000))
    for bid in (0.8, 2.0, 5.0):
        won = price <= bid
        one, median = np.array([bid]), np.array([2.0])
        assert win_chance(one, median, SIGMA)[0] == pytest.approx(won.mean(), abs=0.003)
        assert expected_cost(one, median, SIGMA)[0] == pytest.approx(np.where(won, price, 0).mean(), abs=0.006)


def test_wins_and_cost_rise_with_the_bid():
    bids = np.linspace(0.1, 9.0, 60)
    median = np.full(60, 2.0)
    assert (np.diff(win_chance(bids, median, SIGMA)) > 0).all()
    assert (np.diff(expected_cost(bids, median, SIGMA)) > 0).all()
    assert (expected_cost(bids, median, SIGMA) <= bids * win_chance(bids, median, SIGMA)).all()


def offered(seed: int, count: int = 40) -> OfferedLeads:
    rng = np.random.default_rng(seed)
    return OfferedLeads(rng.integers(0, 3, count), rng.uniform(0.5, 4.0, count), np.sort(rng.random(count)))


@pytest.mark.parametrize("seed", range(20))
def test_spend_never_exceeds_the_budget_and_is_the_sum_of_its_parts(seed):
    leads = offered(seed)
    bid, other, median = np.array([1.0, 2.5, 4.0]), np.array([30.0, 10.0, 5.0]), np.array([1.0, 2.0, 3.0])
    for budget in (1.0, 20.0, 60.0, 1e9):
        day = run_day(bid, other, median, SIGMA, leads, budget)
        steady = day.served * other * expected_cost(bid, median, SIGMA)
        at_leads = np.bincount(leads.cell[day.won], leads.price[day.won], minlength=3)
        assert day.spend <= budget + 1e-9
        assert day.cost == pytest.approx(steady + at_leads)
        assert not (day.won & (leads.price > bid[leads.cell])).any()
        assert not (day.won & (leads.passed > day.served + 1e-9)).any() or day.served < 1


def test_without_a_limit_all_affordable_clicks_are_won():
    leads = offered(3)
    bid = np.array([1.0, 2.5, 4.0])
    day = run_day(bid, np.zeros(3), np.ones(3), SIGMA, leads, 1e9)
    assert (day.won == (leads.price <= bid[leads.cell])).all()
    assert day.served == 1.0
    assert day.demand == pytest.approx(day.spend)


def test_a_day_without_leads_spends_what_the_budget_allows():
    one = np.ones(1)
    day = run_day(np.array([50.0]), 100 * one, one, SIGMA, NONE, 30.0)
    assert day.spend == pytest.approx(30.0)
    assert day.served == pytest.approx(30.0 / day.demand)
