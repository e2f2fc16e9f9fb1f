"""What sales does with the leads and writes into the CRM: the stage history, past and future."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulation.bot_traffic import Classes, of_attack
from simulation.channels import DAY_SECONDS, Arrivals
from simulation.companies import PersonFacts
from simulation.deals import Deals
from simulation.parameters import Parameters
from simulation.propensities import Chances
from simulation.rng import Flags, Floats, Ints, chance, codes, stream

STAGES = ("New", "Contacted", "Meeting held", "Proposal", "Closed - Converted", "Closed - Lost", "Junk Lead")
NEW, CONTACTED, MEETING, PROPOSAL, WON, LOST, JUNK = range(len(STAGES))


@dataclass(frozen=True)
class Work:
    """Final outcome of every lead and all its stage events, whatever the export date."""

    worked: Flags
    response_hours: Floats  # nan: never
    wins: Flags
    labelled_junk: Flags
    lead: Ints  # of each event
    stage: Ints
    seconds: Ints
    amount: Floats  # nan: none


@dataclass
class _Log:
    start: Floats
    lead: list[Ints] = field(default_factory=list)
    stage: list[Ints] = field(default_factory=list)
    seconds: list[Floats] = field(default_factory=list)
    amount: list[Floats] = field(default_factory=list)

    def add(self, where: Flags, stage: int, seconds: Floats, amount: Floats | None = None) -> None:
        at = np.flatnonzero(where)
        self.lead.append(at)
        self.stage.append(np.full(len(at), stage))
        self.seconds.append(seconds[at])
        self.amount.append(np.full(len(at), np.nan) if amount is None else amount[at])


def work(
    parameters: Parameters, arrived: Arrivals, kinds: Classes, who: PersonFacts, odds: Chances, worth: Deals, seed: int
) -> Work:
    """Draw who is worked, who wins and what is written down when."""
    rng = stream(seed, "sales")
    sales, size, genuine = parameters.sales, len(arrived), ~kinds.junk
    worked = chance(rng, odds.worked, size)
    speeds = list(sales.speed.values())
    speed = codes(rng, [share for share, _ in speeds], size)
    factor = np.where(worked, np.array([effect for _, effect in speeds])[speed], sales.unworked)
    wins = chance(rng, odds.well_served * factor, size) & genuine
    hours = _response_hours(rng, speed, size)
    log = _Log(arrived.seconds.astype(np.float64))
    log.add(np.full(size, True), NEW, log.start)
    liked = np.where(genuine, 0.06 + 0.75 * np.sqrt(odds.well_served), 0.0)
    liked = liked * np.where(who.free_mail, 1.0 - sales.engagement_bias, 1.0)
    _pursue(rng, log, parameters, worked, np.where(wins, worth.delay_days, np.nan), hours, liked)
    unwritten = chance(rng, sales.amount_missing, size)
    log.add(wins, WON, log.start + worth.delay_days * DAY_SECONDS, np.where(unwritten, np.nan, worth.revenue))
    labelled = _call_junk(rng, log, parameters, kinds, worked & ~wins)
    order = np.lexsort((np.concatenate(log.seconds), np.concatenate(log.lead)))
    return Work(
        worked=worked,
        response_hours=np.where(worked | wins, hours, np.nan),
        wins=wins,
        labelled_junk=labelled,
        lead=np.concatenate(log.lead)[order],
        stage=np.concatenate(log.stage)[order],
        seconds=np.round(np.concatenate(log.seconds)[order]).astype(np.int64),
        amount=np.concatenate(log.amount)[order],
    )


def _response_hours(rng: np.random.Generator, speed: Ints, size: int) -> Floats:
    """Draw the hours to the first touch: minutes, the same day, or days."""
    median = np.array([0.12, 4.0, 50.0])[speed]
    hours: Floats = median * np.exp(np.array([0.6, 0.6, 0.8])[speed] * rng.normal(size=size))
    return hours


def _pursue(
    rng: np.random.Generator,
    log: _Log,
    parameters: Parameters,
    worked: Flags,
    won_after_days: Floats,
    hours: Floats,
    liked: Floats,
) -> None:
    """Log contact, meeting, proposal and lost ends; `won_after_days` is nan for leads that are never won."""
    sales, size, wins = parameters.sales, len(worked), ~np.isnan(won_after_days)
    length = np.where(wins, won_after_days, 25 * np.exp(rng.normal(0.0, 0.8, size)) + 3) * DAY_SECONDS
    log.add(worked | wins, CONTACTED, log.start + np.minimum(hours * 3600, 0.1 * length))
    met = wins | (worked & chance(rng, liked, size))
    offered = wins | (met & chance(rng, 0.45, size))
    log.add(met, MEETING, log.start + length * rng.uniform(0.15, 0.45, size))
    log.add(offered, PROPOSAL, log.start + length * rng.uniform(0.5, 0.85, size))
    closes = worked & ~wins & chance(rng, sales.closed, size)
    median, sigma = sales.closed_days
    days = median * np.exp(sigma * rng.normal(size=size))
    log.add(closes, LOST, log.start + np.maximum(days * DAY_SECONDS, length))


def _call_junk(rng: np.random.Generator, log: _Log, parameters: Parameters, kinds: Classes, not_won: Flags) -> Flags:
    """Log the junk labels: partial by class, late, and wrong for some genuine leads that were not won."""
    size = len(not_won)
    caught = kinds.junk & chance(rng, of_attack(parameters, "labelled", kinds.attack, 0.0), size)
    wrongly = ~kinds.junk & not_won & chance(rng, parameters.sales.mislabelled, size)
    labelled: Flags = caught | wrongly
    log.add(labelled, JUNK, log.start + 8 * DAY_SECONDS * np.exp(rng.normal(0.0, 1.0, size)) + 2 * 3600)
    return labelled
