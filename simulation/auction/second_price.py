"""Second-price auctions against log-normal competing bids: chance to win, cost, and one day with a budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from simulation.rng import Flags, Floats, Ints


def win_chance(bid: Floats, median: Floats, sigma: float) -> Floats:
    """Return the probability that the best competing bid is below the bid.

    Examples
    --------
    >>> win_chance(np.array([0.0, 2.0]), np.array([2.0, 2.0]), 0.5).tolist()
    [0.0, 0.5]
    """
    chance: Floats = ndtr((np.log(np.maximum(bid, 1e-12)) - np.log(median)) / sigma)
    return chance


def expected_cost(bid: Floats, median: Floats, sigma: float) -> Floats:
    """Return the expected payment per click offered: the competing bid where it is below the bid, else nothing."""
    mean = median * np.exp(sigma**2 / 2)
    cost: Floats = mean * ndtr((np.log(np.maximum(bid, 1e-12)) - np.log(median)) / sigma - sigma)
    return cost


@dataclass(frozen=True)
class DayOfAuctions:
    """Outcome of one day on one platform.

    `served` is the share of the day at whose end the budget was spent, 1 where it lasted. `demand` is the spend of a
    day without a budget.
    """

    won: Flags  # of the leads of the day
    served: float
    clicks: Floats  # by cell
    cost: Floats  # by cell
    demand: float

    @property
    def spend(self) -> float:
        """Return the money spent."""
        return float(self.cost.sum())


@dataclass(frozen=True)
class OfferedLeads:
    """Clicks of one day that become leads, in order of time."""

    cell: Ints
    price: Floats
    passed: Floats  # share of the day


def run_day(
    bid: Floats, other_clicks: Floats, median: Floats, sigma: float, leads: OfferedLeads, budget: float
) -> DayOfAuctions:
    """Bid in every auction of a day until the budget is spent.

    Clicks that become no leads are counted in expectation, evenly over the day; those that become leads one by one.

    Parameters
    ----------
    bid
        By cell.
    other_clicks
        Clicks offered that become no leads, by cell.
    median
        Median of the best competing bid, by cell.
    sigma
        Of its log.
    budget
        Of the day; the spend is never above it.
    """
    steady = other_clicks * expected_cost(bid, median, sigma)
    rate = float(steady.sum())
    wanted = bid[leads.cell] >= leads.price
    paid = np.where(wanted, leads.price, 0.0)
    spent = rate * leads.passed + np.cumsum(paid)
    won = wanted & (spent <= budget)
    demand = rate + float(paid.sum())
    at_leads = float(paid[won].sum())
    served = 1.0
    if demand > budget:
        first = int(np.argmax(wanted & (spent > budget))) if (wanted & (spent > budget)).any() else len(paid)
        won[first:] = False
        at_leads = float(paid[:first][won[:first]].sum())
        limit = leads.passed[first] if first < len(paid) else 1.0
        served = min(max((budget - at_leads) / rate, 0.0), limit) if rate > 0 else limit
    cells = len(bid)
    cost = served * steady + np.bincount(leads.cell[won], leads.price[won], minlength=cells)
    clicks = served * other_clicks * win_chance(bid, median, sigma) + np.bincount(leads.cell[won], minlength=cells)
    return DayOfAuctions(won, served, clicks, cost, demand)
