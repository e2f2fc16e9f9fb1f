"""Sales process: which leads are worked and won, and the stage history, past and future."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulation.bot_traffic import Classes, of_attack
from simulation.channels import DAY_SECONDS, Arrivals, Calendar
from simulation.companies import PersonFacts
from simulation.deals import Deals
from simulation.loss_closing import LABEL_DAYS, PURSUIT_DAYS, draw_closing
from simulation.parameters import Parameters
from simulation.propensities import Chances
from simulation.rng import Flags, Floats, Ints, chance, codes, stream

STAGES = ("New", "Contacted", "Meeting held", "Proposal", "Closed - Converted", "Closed - Lost", "Junk Lead")
NEW, CONTACTED, MEETING, PROPOSAL, WON, LOST, JUNK = range(len(STAGES))


@dataclass(frozen=True)
class SalesHistory:
    """Final outcome of every lead and all stage events, independent of the export date."""

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


def draw_sales(
    parameters: Parameters,
    calendar: Calendar,
    arrivals: Arrivals,
    classes: Classes,
    persons: PersonFacts,
    chances: Chances,
    deals: Deals,
    seed: int,
) -> SalesHistory:
    """Draw which leads are worked and won, and the stage events with their times."""
    rng = stream(seed, "sales")
    sales = parameters.sales
    size = len(arrivals)
    genuine = ~classes.junk
    worked = chance(rng, chances.worked, size)
    speeds = list(sales.speed.values())
    speed = codes(rng, [share for share, _ in speeds], size)
    factor = np.where(worked, np.array([effect for _, effect in speeds])[speed], sales.unworked)
    wins = chance(rng, chances.well_served * factor, size) & genuine
    hours = _response_hours(rng, speed, size)
    log = _Log(arrivals.seconds.astype(np.float64))
    log.add(np.full(size, True), NEW, log.start)
    meeting_probability = np.where(genuine, 0.06 + 0.75 * np.sqrt(chances.well_served), 0.0)
    meeting_probability = meeting_probability * np.where(persons.free_mail, 1.0 - sales.engagement_bias, 1.0)
    length, chain = _pursuit(rng, worked, np.where(wins, deals.delay_days, np.nan), hours, meeting_probability)
    closed = draw_closing(rng, parameters, calendar, arrivals, chances, worked, length, seed)
    closed = np.where(wins, np.inf, closed)
    for stage, days in chain.items():
        log.add(days < closed, stage, log.start + days * DAY_SECONDS)
    log.add(np.isfinite(closed), LOST, log.start + closed * DAY_SECONDS)
    is_missing = chance(rng, sales.amount_missing, size)
    log.add(wins, WON, log.start + deals.delay_days * DAY_SECONDS, np.where(is_missing, np.nan, deals.revenue))
    labelled = _label_junk(rng, log, parameters, classes, worked & ~wins)
    order = np.lexsort((np.concatenate(log.seconds), np.concatenate(log.lead)))
    return SalesHistory(
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


def _pursuit(
    rng: np.random.Generator,
    worked: Flags,
    won_after_days: Floats,
    hours: Floats,
    meeting_probability: Floats,
) -> tuple[Floats, dict[int, Floats]]:
    """Return the days that sales pursues each lead, and those until contact, meeting and proposal; inf for never.

    `won_after_days` is nan for leads that are never won.
    """
    size = len(worked)
    wins = ~np.isnan(won_after_days)
    median, sigma, added = PURSUIT_DAYS
    length = np.where(wins, won_after_days, median * np.exp(rng.normal(0.0, sigma, size)) + added)
    met = wins | (worked & chance(rng, meeting_probability, size))
    offered = wins | (met & chance(rng, 0.45, size))
    return length, {
        CONTACTED: np.where(worked | wins, np.minimum(hours / 24, 0.1 * length), np.inf),
        MEETING: np.where(met, length * rng.uniform(0.15, 0.45, size), np.inf),
        PROPOSAL: np.where(offered, length * rng.uniform(0.5, 0.85, size), np.inf),
    }


def _label_junk(rng: np.random.Generator, log: _Log, parameters: Parameters, classes: Classes, not_won: Flags) -> Flags:
    """Log the junk labels: partial by class, late, and wrong for some genuine leads that were not won."""
    size = len(not_won)
    caught = classes.junk & chance(rng, of_attack(parameters, "labelled", classes.attack, 0.0), size)
    wrongly = ~classes.junk & not_won & chance(rng, parameters.sales.mislabelled, size)
    labelled: Flags = caught | wrongly
    median, sigma, added = LABEL_DAYS
    days = median * np.exp(rng.normal(0.0, sigma, size)) + added
    log.add(labelled, JUNK, log.start + days * DAY_SECONDS)
    return labelled
