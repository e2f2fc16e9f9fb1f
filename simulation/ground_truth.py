"""What only the simulator knows about each lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from simulation.bot_traffic import GENUINE, ORDINARY, Classes
from simulation.channels import DAY_SECONDS, Arrivals, Calendar, campaigns_of
from simulation.companies import PersonFacts
from simulation.csv_columns import frame, instants
from simulation.deals import Deals
from simulation.extra_columns import Extras
from simulation.parameters import Parameters
from simulation.propensities import Chances
from simulation.rng import blank, digits_of, join, pick
from simulation.sales_process import Work
from simulation.visitor_behaviour import Behaviour


@dataclass(frozen=True)
class Drawn:
    """Everything that was drawn, before it is written down."""

    ids: pa.Array
    parameters: Parameters
    calendar: Calendar
    arrived: Arrivals
    kinds: Classes
    who: PersonFacts
    did: Behaviour
    more: Extras
    odds: Chances
    worth: Deals
    done: Work


def truth(drawn: Drawn) -> pd.DataFrame:
    """Return one row per lead: class, chances, value and final outcome, whatever the export date.

    `win_probability` is that of the lead as received (0 for junk) under the sales of this world;
    `value` = `win_probability` x `expected_revenue`. Probabilities are rounded to 1e-6, money to cents.
    """
    return frame({**_kind(drawn), **_value(drawn), **_outcome(drawn)})


def _kind(drawn: Drawn) -> dict[str, pa.Array]:
    world, arrived, kinds, who = drawn.parameters, drawn.arrived, drawn.kinds, drawn.who
    attack = pick([*world.attacks, ""], np.where(kinds.attack == GENUINE, len(world.attacks), kinds.attack))
    campaigns = [campaigns_of(name, channel) for name, channel in world.channels.items()]
    starts = np.concatenate([[0], np.cumsum([len(names) for names in campaigns])[:-1]])
    every = [name for names in campaigns for name in names]
    first = drawn.ids.take(pa.array(np.maximum(who.duplicate_of, 0)))
    return {
        "lead_id": drawn.ids,
        "submitted_at": instants(arrived.seconds),
        "channel": pick(list(world.channels), arrived.channel),
        "campaign": pick(every, starts[arrived.channel] + arrived.campaign),
        "person_id": join("P-", digits_of(who.person)),
        "duplicate_of": blank(first, who.duplicate_of < 0),
        "junk": pa.array(kinds.junk),
        "automated": pa.array(kinds.automated),
        "attack": blank(attack, ~kinds.junk),
        "human": blank(pick(list(world.humans), np.maximum(kinds.human, 0)), kinds.human == ORDINARY),
    }


def _value(drawn: Drawn) -> dict[str, pa.Array]:
    win = np.round(np.where(drawn.kinds.junk, 0.0, drawn.odds.win), 6)
    expected = np.round(drawn.worth.expected, 2)
    return {
        "win_probability": pa.array(win),
        "expected_revenue": pa.array(expected),
        "value": pa.array(np.round(win * expected, 4)),
    }


def _outcome(drawn: Drawn) -> dict[str, pa.Array]:
    done, worth = drawn.done, drawn.worth
    won_at = np.round(drawn.arrived.seconds + worth.delay_days * DAY_SECONDS).astype(np.int64)
    days = np.where(done.wins, np.round(worth.delay_days, 4), np.nan)
    return {
        "wins": pa.array(done.wins),
        "won_at": blank(instants(won_at), ~done.wins),
        "win_delay_days": pa.array(days, from_pandas=True),
        "revenue": pa.array(np.where(done.wins, worth.revenue, 0.0)),
        "won_by_end": pa.array(done.wins & (won_at < drawn.calendar.end_seconds)),
        "worked": pa.array(done.worked),
        "first_response_hours": pa.array(np.round(done.response_hours, 3), from_pandas=True),
        "labelled_junk": pa.array(done.labelled_junk),
    }
