"""Signals from scores that a business can fit today: quartile tiers, decile values, and a 90-day target."""

from __future__ import annotations

from abc import ABC, abstractmethod

import lightgbm
import numpy as np

from simulation.auction.facts_at_submit import lead_facts
from simulation.auction.market_contract import Conversions, Objective, PotentialLeads
from simulation.channels import DAY_SECONDS
from simulation.rng import Flags, Floats, Ints

REFIT_DAYS = 91
_LEAST_WINS = 20
_ROUNDS = 80


class FittedSignal(ABC):
    """A score fitted to the outcomes known so far, renewed each quarter; the value is reported at submit."""

    name: str
    objective: Objective = "value"

    def start(self, market: PotentialLeads, warm_up_won: Ints) -> None:
        """Fit to the leads of the warm-up."""
        truth = market.world.truth
        self._market = market
        self._facts = lead_facts(market.world.leads).to_numpy(dtype=np.float64)
        seconds = (truth["won_at"] - market.world.start).dt.total_seconds()
        self._won_day = np.where(truth["wins"], seconds.fillna(0) / DAY_SECONDS, np.inf)
        self._revenue = truth["revenue"].to_numpy(dtype=np.float64)
        self._had: list[Ints] = [warm_up_won]
        self._fit_all(market.warm_up_days)

    def report(self, day: int, won: Ints) -> Conversions:
        """Report the leads of the day with the values of the last fit."""
        market = self._market
        if day > market.warm_up_days and (day - market.warm_up_days) % REFIT_DAYS == 0:
            self._fit_all(day)
        self._had.append(won)
        bought = won[market.bought[won]]
        return Conversions(bought, self._values[bought])

    def _fit_all(self, day: int) -> None:
        had = np.concatenate(self._had)
        soon = (self._market.day >= day) & (self._market.day < day + REFIT_DAYS)
        soon[had] = True
        self._scored = soon
        self._values = self.fit(had, day)

    @abstractmethod
    def fit(self, had: Ints, day: int) -> Floats:
        """Return the value of each potential lead, from what is known at the start of `day` of the leads `had`.

        Values count for the leads `had` and for those of the days until the next fit.
        """

    def outcome(self, had: Ints, day: int, within: float = np.inf) -> Flags:
        """Return which of the leads are won by now, and within some days of their submit."""
        return (self._won_day[had] < day) & (self._won_day[had] - self._market.day[had] <= within)

    def win_score(self, had: Ints, won: Flags) -> Floats:
        """Return the fitted chance to win of each potential lead."""
        data = lightgbm.Dataset(self._facts[had], label=won.astype(float))
        booster = lightgbm.train(_options("binary"), data, num_boost_round=_ROUNDS)
        return self._predicted(booster)

    def _predicted(self, booster: lightgbm.Booster) -> Floats:
        predicted = np.zeros(len(self._facts))
        predicted[self._scored] = booster.predict(self._facts[self._scored])
        return predicted


def _options(objective: str) -> dict[str, object]:
    return {
        "objective": objective,
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": 40,
        "num_threads": 1,
        "verbosity": -1,
        "deterministic": True,
    }


class ScoreTiers(FittedSignal):
    """Values of tiers of a win score: rate of wins in the tier times the mean deal, as known at the fit."""

    tiers: int

    def fit(self, had: Ints, day: int) -> Floats:
        """Return the value of the tier of each lead."""
        won = self.outcome(had, day)
        if won.sum() < _LEAST_WINS:
            return np.ones(len(self._market))
        score = self.win_score(had, won)
        limits = np.quantile(score[had], np.arange(1, self.tiers) / self.tiers)
        tier = np.searchsorted(limits, score, side="right")
        rate = np.bincount(tier[had], won, minlength=self.tiers) / np.bincount(tier[had], minlength=self.tiers).clip(1)
        deal = float(self._revenue[had][won].mean())
        values: Floats = rate[tier] * deal
        return values


class QuartileTiers(ScoreTiers):
    """Four tiers, as priorities in a CRM."""

    name = "quartile tiers"
    tiers = 4


class DecileValues(ScoreTiers):
    """Ten values, as accelerators of lead scores send them."""

    name = "decile values"
    tiers = 10


class NinetyDayTarget(FittedSignal):
    """Predicted revenue within 90 days of the submit, fitted to the leads that are old enough."""

    name = "90-day target"

    def fit(self, had: Ints, day: int) -> Floats:
        """Return the predicted revenue of each lead."""
        old = had[self._market.day[had] <= day - 90]
        won = self.outcome(old, day, within=90.0)
        if won.sum() < _LEAST_WINS:
            return np.ones(len(self._market))
        chance = self.win_score(old, won)
        deals = lightgbm.Dataset(self._facts[old[won]], label=np.log(self._revenue[old[won]]))
        booster = lightgbm.train(_options("regression"), deals, num_boost_round=_ROUNDS)
        log = self._predicted(booster)
        spread = np.log(self._revenue[old[won]]) - log[old[won]]
        values: Floats = chance * np.exp(log) * float(np.exp(spread).mean())
        return values
