"""The bidder in markets of two cells, whose best bids are known, and against a search over all bids."""

import numpy as np
import pytest

from simulation.auction.auction_parameters import auction_parameters
from simulation.auction.conversion_learning import CellTree
from simulation.auction.market_cells import Cells
from simulation.auction.platform_bidder import BiddingGoal, PlatformBidder
from simulation.auction.second_price import OfferedLeads, expected_cost, run_day, win_chance

SIGMA = 0.6
NONE = OfferedLeads(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
OTHER = np.array([400.0, 300.0])  # clicks
MEDIAN = np.array([1.0, 2.0])
VALUE = np.array([3.0, 12.0])  # of a click
DAYS = 400


def bidder(budget: float, **changed) -> PlatformBidder:
    rules = auction_parameters()
    quiet = rules.bidder.model_copy(update={"exploration": 0.0, **changed})
    zero = np.zeros(2, dtype=np.int64)
    tree = CellTree(Cells(zero, np.array([0, 1]), np.array([0, 1]), zero, zero, zero, zero), slice(None))
    return PlatformBidder(quiet, rules.platforms["google"], tree, DAYS, 2, budget, 1.0, np.random.default_rng(1))


def run(machine: PlatformBidder, days: int = 300, known: np.ndarray | None = VALUE, rng=None) -> tuple[float, float]:
    """Return value and spend a day over the last 50 days."""
    machine.known = known
    value = spend = 0.0
    for day in range(days):
        machine.learn(day)
        bid = machine.bids(day)
        result = run_day(bid, OTHER, MEDIAN, SIGMA, NONE, machine.allowance)
        machine.end_day(day, result.clicks, result.demand, result.spend)
        if rng is not None:
            count = rng.poisson(0.1 * result.clicks)
            cell = np.repeat([0, 1], count)
            new = (VALUE / 0.1)[cell] * rng.lognormal(-0.5, 1.0, len(cell))
            machine.accept(day, np.full(len(cell), day), cell, np.zeros(len(cell)), new)
        if day >= days - 50:
            value += float((VALUE * result.clicks).sum())
            spend += result.spend
    return value / 50, spend / 50


def best_by_search(budget: float) -> float:
    """Return the greatest value within a budget over a fine grid of both bids."""
    grid = np.geomspace(0.02, 60, 500)
    spends = [OTHER[c] * expected_cost(grid, np.full(500, MEDIAN[c]), SIGMA) for c in (0, 1)]
    values = [VALUE[c] * OTHER[c] * win_chance(grid, np.full(500, MEDIAN[c]), SIGMA) for c in (0, 1)]
    affordable = spends[0][:, None] + spends[1][None, :] <= budget
    return float(np.where(affordable, values[0][:, None] + values[1][None, :], 0.0).max())


@pytest.mark.parametrize("budget", [60.0, 200.0, 500.0])
def test_known_values_reach_the_best_of_all_bids(budget):
    value, spend = run(bidder(budget))
    assert spend == pytest.approx(budget, rel=0.02)
    assert value == pytest.approx(best_by_search(budget), rel=0.015)


def test_bids_are_in_proportion_to_value():
    machine = bidder(200.0)
    run(machine)
    bid = machine.bids(DAYS - 1)
    assert bid[1] / bid[0] == pytest.approx(VALUE[1] / VALUE[0], rel=0.01)


def test_learned_values_come_near():
    machine = bidder(200.0)
    machine.pursue(BiddingGoal("value"))
    value, _ = run(machine, known=None, rng=np.random.default_rng(3))
    assert value > 0.97 * best_by_search(200.0)


def test_counts_buy_less_value_than_values():
    machine = bidder(200.0)
    value, spend = run(machine, known=np.ones(2))
    assert spend == pytest.approx(200.0, rel=0.02)
    assert value < 0.95 * best_by_search(200.0)


def test_target_roas_stops_above_the_price_of_its_last_click():
    machine = bidder(500.0)
    machine.pursue(BiddingGoal("value", target_roas=6.0))
    run(machine, known=None, rng=np.random.default_rng(5))
    assert machine.bids(DAYS - 1) == pytest.approx(VALUE / 6.0, rel=0.15)


def test_too_few_conversions_leave_the_bids_to_form_fills():
    machine = bidder(200.0)
    machine.pursue(BiddingGoal("value"))
    machine.end_day(0, np.array([100.0, 100.0]), 200.0, 200.0)
    machine.accept_fills(0, np.repeat([0, 1], [10, 30]))
    machine.accept(0, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(1), np.array([1000.0]))
    for day in range(3, 100, 3):
        machine.learn(day)
    bid = machine.bids(1)
    assert bid[1] > bid[0]


def test_bids_change_slowly():
    machine = bidder(200.0)
    machine.known = np.array([1.0, 100.0])
    machine.end_day(0, np.array([100.0, 100.0]), 200.0, 200.0)
    before = machine.bids(1)
    machine.learn(3)
    change = np.abs(np.log(machine.bids(1) / before))
    assert change.max() <= 3 * machine.rules.daily_change + 1e-9


def test_uniform_prices_reach_the_bids_of_the_closed_form():
    """With prices uniform on [0, top], a bid of k x value costs clicks x (k x value)^2 / (2 x top)."""
    top, count, budget = np.array([4.0, 10.0]), np.array([600, 400]), 300.0
    closed = np.sqrt(2 * budget / float((count * VALUE**2 / top).sum()))
    machine = bidder(budget)
    machine.known = VALUE
    rng = np.random.default_rng(2)
    cell = np.repeat([0, 1], count)
    bids, spends = [], []
    for day in range(200):
        machine.learn(day)
        bid = machine.bids(day)
        order = rng.permutation(len(cell))
        leads = OfferedLeads(cell[order], (rng.random(len(cell)) * top[cell])[order], np.sort(rng.random(len(cell))))
        result = run_day(bid, np.zeros(2), MEDIAN, SIGMA, leads, machine.allowance)
        machine.end_day(day, result.clicks, result.demand, result.spend)
        bids.append(bid)
        spends.append(result.spend)
    assert (closed * VALUE < top).all()
    assert np.mean(bids[100:], axis=0) == pytest.approx(closed * VALUE, rel=0.03)
    assert np.mean(spends[100:]) == pytest.approx(budget, rel=0.01)
