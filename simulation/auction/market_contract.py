"""What market, bidders and signals exchange: potential leads, and the conversions that a platform accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import numpy as np

from simulation.rng import Flags, Floats, Ints
from simulation.world import Simulation

NOT_BOUGHT = -1
Objective = Literal["count", "value"]


@dataclass(frozen=True)
class PotentialLeads:
    """All leads that the business could get; row i is row i of `world.leads` and of `world.truth`.

    Arrays have one entry per potential lead. A lead of a channel without an auction (organic, referral, fair) arrives
    whatever the bidders do; its platform and its cell are `NOT_BOUGHT`.
    """

    world: Simulation
    warm_up_days: int
    days: int  # warm-up included
    platforms: tuple[str, ...]
    day: Ints  # of the click and of the submit, from 0 at `world.start`
    passed: Floats  # share of the day that has passed at the click
    platform: Ints  # position in `platforms`
    cell: Ints
    price: Floats  # best bid of the competitors for this click

    def __len__(self) -> int:
        """Return the number of potential leads."""
        return len(self.day)

    def end_of(self, day: int) -> datetime:
        """Return the end of a day: what is known then is known to the bids of the next day."""
        return self.world.start + timedelta(days=day + 1)

    @property
    def bought(self) -> Flags:
        """Whether the lead comes from an auction."""
        return np.not_equal(self.platform, NOT_BOUGHT)


@dataclass(frozen=True)
class Conversions:
    """What platforms know anew at the end of a day; one entry per click whose conversion is new or changed.

    A later entry of a lead replaces the earlier one: `value` is all the money that the platform counts for the click,
    over all its transactions, after adjustments. For an `Objective` "count", it is the number of conversions. 0
    retracts.
    """

    lead: Ints  # potential lead, which names click and platform
    value: Floats

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.lead)

    @classmethod
    def none(cls) -> Conversions:
        """Return no conversions."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0))


class Signal(Protocol):
    """What a business reports to the ad platforms about its leads."""

    name: str
    objective: Objective

    def start(self, market: PotentialLeads, warm_up_won: Ints) -> None:
        """Prepare for one run; called once, before the first day after the warm-up.

        Parameters
        ----------
        market
            Truth included: a signal uses only what a business could know, unless it is a bound.
        warm_up_won
            Leads that the business got in the warm-up, in order of time; the same for all signals.
        """

    def report(self, day: int, won: Ints) -> Conversions:
        """Return what the platforms learn by the end of `day`.

        Called once for each day from `market.warm_up_days` to `market.days - 1`, in order. At the first call,
        conversions of leads of the warm-up may be included, as far as platforms accept their age.

        Parameters
        ----------
        day
            Day of the market.
        won
            Leads of this day that the business got, those of channels without an auction included, in order of time.
        """
