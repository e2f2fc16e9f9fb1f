"""One run of the market: day by day bids, auctions, leads, reports and learning."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.auction.ad_market import AdMarket
from simulation.auction.conversion_learning import CellTree
from simulation.auction.market_contract import Conversions, Signal
from simulation.auction.platform_bidder import BiddingGoal, PlatformBidder
from simulation.auction.second_price import OfferedLeads, run_day
from simulation.rng import Flags, Floats, Ints, stream


@dataclass(frozen=True)
class MarketRun:
    """Result of a run, warm-up included; arrays by day and cell, or by potential lead."""

    signal: str
    won: Flags  # by potential lead; those without an auction included
    cost: NDArray[np.float32]  # (days, cells)
    demand: Floats  # (days, platforms): spend without a budget
    reported: Floats  # last value that the platform of the lead accepted, by potential lead; 0 where none


class RunningMarket:
    """State of a run: the bidders of all platforms."""

    def __init__(self, market: AdMarket) -> None:
        self.market = market
        leads = market.leads
        rules = market.parameters
        self.parts = [market.cells.of_platform(number) for number in range(len(leads.platforms))]
        self.bidders = [self._bidder(number, part) for number, part in enumerate(self.parts)]
        self.cost = np.zeros((leads.days, len(market.cells)), dtype=np.float32)
        self.demand = np.zeros((leads.days, len(leads.platforms)))
        self.won = ~leads.bought
        self.known = np.zeros(len(leads))
        order = np.lexsort((leads.passed, leads.day))
        self._by_day = np.split(order, np.searchsorted(leads.day[order], np.arange(1, leads.days)))
        self._windows = np.array([rules.platforms[name].window_days for name in leads.platforms])

    def _bidder(self, number: int, part: slice) -> PlatformBidder:
        market = self.market
        name = market.leads.platforms[number]
        prices = market.median_price(0)[part]
        return PlatformBidder(
            market.parameters.bidder,
            market.parameters.platforms[name],
            CellTree(market.cells, part),
            market.leads.days,
            part.stop - part.start,
            float(market.daily_budget[number]),
            float(prices.mean()),
            stream(market.leads.world.seed, f"bids {name}"),
        )

    def copied(self) -> RunningMarket:
        """Return a copy that goes on by itself; both have the same market."""
        return copy.deepcopy(self, {id(self.market): self.market})

    def auctions(self, day: int) -> Ints:
        """Hold the auctions of a day; return the leads that came, in order of time."""
        market = self.market
        leads = market.leads
        today = self._by_day[day]
        other, _ = market.clicks(day)
        price = market.median_price(day)
        for number, (part, bidder) in enumerate(zip(self.parts, self.bidders, strict=True)):
            offered = today[leads.platform[today] == number]
            clicks = OfferedLeads(leads.cell[offered] - part.start, leads.price[offered], leads.passed[offered])
            bid = bidder.bids(day)
            result = run_day(bid, other[part], price[part], market.parameters.prices.sigma, clicks, bidder.allowance)
            self.won[offered] = result.won
            self.cost[day, part] = result.cost
            self.demand[day, number] = result.demand
            bidder.end_day(day, result.clicks, result.demand, result.spend)
            bidder.accept_fills(day, clicks.cell[result.won])
        return today[self.won[today]]

    def accept(self, day: int, conversions: Conversions) -> None:
        """Give new conversions to the bidders; platforms drop those of clicks before their window."""
        leads = self.market.leads
        lead = conversions.lead
        kept = leads.bought[lead] & self.won[lead]
        kept &= day - leads.day[lead] <= self._windows[leads.platform[lead]]
        lead, value = lead[kept], conversions.value[kept]
        for number, (part, bidder) in enumerate(zip(self.parts, self.bidders, strict=True)):
            here = leads.platform[lead] == number
            mine = lead[here]
            bidder.accept(day, leads.day[mine], leads.cell[mine] - part.start, self.known[mine], value[here])
        self.known[lead] = value

    def learn(self, day: int) -> None:
        """Update all bids for `day`."""
        for bidder in self.bidders:
            bidder.learn(day)


def warm_up(market: AdMarket) -> RunningMarket:
    """Run the warm-up, on form fills; the same for all signals."""
    running = RunningMarket(market)
    for day in range(market.leads.warm_up_days):
        running.learn(day)
        running.auctions(day)
    return running


def run_market(
    warmed: RunningMarket,
    signal: Signal,
    *,
    target_roas: float | None = None,
    bound: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> MarketRun:
    """Run the market with one signal after its warm-up.

    Parameters
    ----------
    warmed
        Result of `warm_up`; it stays as it is.
    target_roas
        Of the run; left out: as much as the budget buys.
    bound
        Whether the bidders know the true value per click of each cell instead of learning it.
    advance
        Called with 1 after each day.
    """
    running = warmed.copied()
    market = running.market
    leads = market.leads
    signal.start(leads, np.flatnonzero(running.won & (leads.day < leads.warm_up_days)))
    for bidder in running.bidders:
        bidder.pursue(BiddingGoal(signal.objective, target_roas))
    reported = np.zeros(len(leads))
    for day in range(leads.warm_up_days, leads.days):
        if bound:
            for part, bidder in zip(running.parts, running.bidders, strict=True):
                bidder.known = market.value_per_click[market.period(day)][part]
        running.learn(day)
        won = running.auctions(day)
        conversions = signal.report(day, won)
        reported[conversions.lead] = conversions.value
        running.accept(day, conversions)
        advance(1)
    return MarketRun(signal.name, running.won, running.cost, running.demand, reported)
