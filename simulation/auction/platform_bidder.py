"""The bidder of one ad platform: bids by cell from what it learned, paced to the daily budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.auction.auction_parameters import BidderParameters, PlatformRules
from simulation.auction.conversion_learning import CellTree, ClickHistory
from simulation.auction.market_contract import Objective
from simulation.rng import Floats, Ints

_MONTH = 30.0
_CATCH_UP_DAYS = 14.0


@dataclass(frozen=True)
class BiddingGoal:
    """What the bidder maximises within its budget, at not less than `target_roas` value per money where given."""

    objective: Objective
    target_roas: float | None = None


class PlatformBidder:
    """Learns a value per click of each cell and bids it, times a multiplier that spends the budget.

    For a linear goal under a budget, bids in proportion to value are optimal in second-price auctions. Form fills are
    always counted, as a business does that begins: bids lean on them while the goal has too few conversions.

    Parameters
    ----------
    first_bid
        Mean bid of the first day.
    """

    def __init__(  # what a platform consists of
        self,
        rules: BidderParameters,
        limits: PlatformRules,
        tree: CellTree,
        days: int,
        cells: int,
        budget: float,
        first_bid: float,
        rng: np.random.Generator,
    ) -> None:
        self.rules = rules
        self.limits = limits
        self.budget = budget
        self.goal = BiddingGoal("count")
        self._tree = tree
        self._rng = rng
        self.fills = ClickHistory(days, cells)
        self.reported = self.fills.begin_again()
        self._unspent = 0.0
        self._multiplier = np.log(first_bid)
        self._score = np.ones(cells)  # relative to the mean of the clicks
        self._unit = 0.0  # value per click at a score of 1, where the goal knows it
        self._noise = np.ones(cells)
        self.known: Floats | None = None  # true values, for a bound

    def pursue(self, goal: BiddingGoal) -> None:
        """Begin with another goal; its conversions are counted anew."""
        self.goal = goal
        self.reported = self.fills.begin_again()

    def bids(self, day: int) -> Floats:
        """Return the bid of each cell."""
        if day % 7 == 0:
            self._noise = np.exp(self.rules.exploration * self._rng.normal(size=len(self._score)))
        bid: Floats = np.exp(self._multiplier) * self._score * self._noise
        if self.goal.target_roas and self._unit > 0:
            most = self._unit / self.goal.target_roas
            bid = bid * min(1.0, most / float(np.exp(self._multiplier)))
        return bid

    @property
    def allowance(self) -> float:
        """Return what may be spent on the next day: the budget, and what earlier days left, up to twice the budget."""
        return min(self.budget + self._unspent, 2 * self.budget)

    def end_day(self, day: int, clicks: Floats, demand: float, spend: float) -> None:
        """Learn the clicks and the spend of a day, and move the multiplier towards the budget.

        What is left is spread over the next weeks.
        """
        self.fills.add_clicks(day, clicks)
        self._unspent = min(self._unspent + self.budget - spend, _MONTH * self.budget)
        wanted = np.log((self.budget + self._unspent / _CATCH_UP_DAYS) / max(demand, 1e-6 * self.budget))
        step = self.rules.pacing * wanted
        self._multiplier += float(np.clip(step, -self.rules.pacing_limit, self.rules.pacing_limit))

    def accept(self, day: int, click_day: Ints, cell: Ints, old: Floats, new: Floats) -> None:
        """Learn conversions of the goal."""
        self.reported.add_conversions(day, click_day, cell, old, new)

    def accept_fills(self, day: int, cell: Ints) -> None:
        """Count form fills of clicks of this day."""
        ones = np.ones(len(cell))
        self.fills.add_conversions(day, np.full(len(cell), day), cell, 0 * ones, ones)

    def learn(self, day: int) -> None:
        """Update the scores from all that is known before `day`; between the days of learning they stay."""
        if day % self.rules.learn_every_days:
            return
        if self.known is None:
            weight = self._trust(day)
            score = weight * self._rates(self.reported, day) if weight > 0 else np.zeros_like(self._score)
            if weight < 1:
                score = score + (1 - weight) * self._rates(self.fills, day)
        else:
            score = _relative(self.known, self.fills.clicks[max(day - 60, 0) : day].sum(axis=0))
        score = np.maximum(score, self.rules.floor)
        most = self.rules.daily_change * self.rules.learn_every_days
        change = np.log(score / self._score).clip(-most, most)
        self._score = self._score * np.exp(change)

    def _trust(self, day: int) -> float:
        least = self.limits.least_values if self.goal.objective == "value" else self.limits.least_conversions
        return min(1.0, self.reported.recent(day) / least)

    def _rates(self, history: ClickHistory, day: int) -> Floats:
        clicks, value = history.weighted(day, self.rules)
        mean = history.mean_value()
        total = float(value.sum())
        if mean <= 0 or total <= 0:
            return np.ones(len(clicks))
        per_click = total / max(float(clicks.sum()), 1e-9) / mean
        strength = self.rules.prior_conversions * (1 + history.variation) / per_click
        rates = self._tree.rates(clicks, value, strength)
        if history is self.reported:
            self._unit = float((rates * clicks).sum() / max(clicks.sum(), 1e-9))
        return _relative(rates, clicks)


def _relative(rates: Floats, clicks: Floats) -> Floats:
    """Return rates relative to their mean over the clicks; 1 where nothing is known."""
    total = float(clicks.sum())
    mean = float((rates * clicks).sum()) / total if total > 0 else float(rates.mean())
    result: Floats = rates / mean if mean > 0 else np.ones_like(rates)
    return result
