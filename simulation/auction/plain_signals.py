"""Signals without a fitted model: form fills, filtered fills, MQL counts, points, closed deals, and the truth."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from simulation.auction.facts_at_submit import lead_facts, points
from simulation.auction.market_contract import Conversions, Objective, PotentialLeads
from simulation.channels import DAY_SECONDS
from simulation.rng import Flags, Floats, Ints, chance, stream

MQL_POINTS = 50
CAPTCHA_CATCHES = 0.80  # of the simple bots (assumed)
CAPTCHA_CATCHES_STEALTH = 0.15  # of bots that drive a browser like people, and of paid people (assumed)


class SubmitSignal(ABC):
    """A signal that gives each lead its value on the day of its submit; leads of value 0 are not reported."""

    name: str
    objective: Objective

    def __init__(self) -> None:
        self._values: Floats = np.zeros(0)
        self._bought: Flags = np.zeros(0, dtype=bool)

    @abstractmethod
    def values(self, market: PotentialLeads) -> Floats:
        """Return the value of each potential lead."""

    def start(self, market: PotentialLeads, warm_up_won: Ints) -> None:
        """Compute all values."""
        del warm_up_won
        self._values = self.values(market)
        self._bought = market.bought

    def report(self, day: int, won: Ints) -> Conversions:
        """Report the leads of the day."""
        del day
        reported = won[self._bought[won] & (self._values[won] > 0)]
        return Conversions(reported, self._values[reported])


class FormFills(SubmitSignal):
    """Every form fill counts."""

    name = "form fills"
    objective: Objective = "count"

    def values(self, market: PotentialLeads) -> Floats:
        """Return 1 for each lead."""
        return np.ones(len(market))


class CaptchaFills(SubmitSignal):
    """Form fills that a filter like a CAPTCHA lets through."""

    name = "form fills after a CAPTCHA"
    objective: Objective = "count"

    def values(self, market: PotentialLeads) -> Floats:
        """Return 1 for each lead that passes."""
        truth = market.world.truth
        attacks = market.world.parameters.attacks
        hard = [name for name, attack in attacks.items() if attack.behaviour in {"stealth", "person"}]
        is_hard = truth["attack"].isin(hard).to_numpy() | ~truth["automated"].to_numpy()
        share = np.where(is_hard, CAPTCHA_CATCHES_STEALTH, CAPTCHA_CATCHES) * truth["junk"].to_numpy()
        return np.asarray(~chance(stream(market.world.seed, "captcha"), share, len(truth)), dtype=np.float64)


class HandMadePoints(SubmitSignal):
    """Points written by a marketing team, as values."""

    name = "hand-made points"
    objective: Objective = "value"

    def values(self, market: PotentialLeads) -> Floats:
        """Return the points."""
        return points(lead_facts(market.world.leads)).to_numpy(dtype=np.float64)


class MqlCount(SubmitSignal):
    """Leads above a threshold of the points count as one."""

    name = "MQL count"
    objective: Objective = "count"

    def values(self, market: PotentialLeads) -> Floats:
        """Return 1 for marketing-qualified leads."""
        return np.asarray(points(lead_facts(market.world.leads)) >= MQL_POINTS, dtype=np.float64)


class TrueValue(SubmitSignal):
    """The true expected value at submit: what a perfect score would report."""

    name = "perfect knowledge"
    objective: Objective = "value"

    def values(self, market: PotentialLeads) -> Floats:
        """Return the true values."""
        return market.world.truth["value"].to_numpy(dtype=np.float64)


class TrueCells(TrueValue):
    """A bound: the bidder also knows the true value per click of each cell."""

    name = "bound: true value of every cell"


class ClosedWon:
    """Revenue when the deal closes."""

    name = "closed-won"
    objective: Objective = "value"

    def __init__(self) -> None:
        self._market: PotentialLeads | None = None
        self._closing: dict[int, list[int]] = {}
        self._day: Ints = np.zeros(0, dtype=np.int64)
        self._revenue: Floats = np.zeros(0)

    def start(self, market: PotentialLeads, warm_up_won: Ints) -> None:
        """Note the deals of the warm-up that are still to close."""
        self._market = market
        truth = market.world.truth
        seconds = (truth["won_at"] - market.world.start).dt.total_seconds()
        self._day = np.where(truth["wins"], seconds.fillna(0) // DAY_SECONDS, -1).astype(np.int64)
        self._revenue = truth["revenue"].to_numpy(dtype=np.float64)
        self._closing = {}
        self._note(warm_up_won)

    def _note(self, won: Ints) -> None:
        for lead in won[self._day[won] >= 0]:
            self._closing.setdefault(int(self._day[lead]), []).append(int(lead))

    def report(self, day: int, won: Ints) -> Conversions:
        """Report the deals that closed on this day."""
        self._note(won)
        if self._market is None:
            return Conversions.none()
        closed = np.array(self._closing.pop(day, []), dtype=np.int64)
        closed = closed[self._market.bought[closed]]
        return Conversions(closed, self._revenue[closed])
