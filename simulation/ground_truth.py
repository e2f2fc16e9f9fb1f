"""Truth table: class, probabilities, value and final outcome of each lead."""

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
from simulation.open_leads import OpenLeads
from simulation.parameters import Parameters
from simulation.propensities import Chances
from simulation.rng import blank, digits_of, join, pick
from simulation.sales_process import SalesHistory
from simulation.visitor_behaviour import Behaviour


@dataclass(frozen=True)
class Drawn:
    """All random draws of a simulation."""

    ids: pa.Array
    parameters: Parameters
    calendar: Calendar
    arrivals: Arrivals
    classes: Classes
    persons: PersonFacts
    behaviour: Behaviour
    extras: Extras
    chances: Chances
    deals: Deals
    history: SalesHistory
    open_leads: OpenLeads


def truth_table(drawn: Drawn) -> pd.DataFrame:
    """Return one row per lead: class, probabilities, value and final outcome, independent of the export date.

    `win_probability` is that of the lead as received (0 for junk) under the sales of this world;
    `value` = `win_probability` x `expected_revenue`. `open_win_probability` and `open_value` are those of the leads
    that are open at the export, given that they are; missing for others. Probabilities are rounded to 1e-6, money to
    cents, values to 1e-4.
    """
    return frame({**_kind(drawn), **_value(drawn), **_outcome(drawn), **_at_export(drawn)})


def _kind(drawn: Drawn) -> dict[str, pa.Array]:
    world = drawn.parameters
    arrivals = drawn.arrivals
    classes = drawn.classes
    persons = drawn.persons
    attack = pick([*world.attacks, ""], np.where(classes.attack == GENUINE, len(world.attacks), classes.attack))
    campaigns = [campaigns_of(name, channel) for name, channel in world.channels.items()]
    starts = np.concatenate([[0], np.cumsum([len(names) for names in campaigns])[:-1]])
    every = [name for names in campaigns for name in names]
    first = drawn.ids.take(pa.array(np.maximum(persons.duplicate_of, 0)))
    return {
        "lead_id": drawn.ids,
        "submitted_at": instants(arrivals.seconds),
        "channel": pick(list(world.channels), arrivals.channel),
        "campaign": pick(every, starts[arrivals.channel] + arrivals.campaign),
        "person_id": join("P-", digits_of(persons.person)),
        "duplicate_of": blank(first, persons.duplicate_of < 0),
        "junk": pa.array(classes.junk),
        "automated": pa.array(classes.automated),
        "attack": blank(attack, ~classes.junk),
        "human": blank(pick(list(world.humans), np.maximum(classes.human, 0)), classes.human == ORDINARY),
    }


def _value(drawn: Drawn) -> dict[str, pa.Array]:
    win = np.round(np.where(drawn.classes.junk, 0.0, drawn.chances.win), 6)
    expected = np.round(drawn.deals.expected, 2)
    return {
        "win_probability": pa.array(win),
        "expected_revenue": pa.array(expected),
        "value": pa.array(np.round(win * expected, 4)),
    }


def _outcome(drawn: Drawn) -> dict[str, pa.Array]:
    history = drawn.history
    deals = drawn.deals
    won_at = np.round(drawn.arrivals.seconds + deals.delay_days * DAY_SECONDS).astype(np.int64)
    days = np.where(history.wins, np.round(deals.delay_days, 4), np.nan)
    return {
        "wins": pa.array(history.wins),
        "won_at": blank(instants(won_at), ~history.wins),
        "win_delay_days": pa.array(days, from_pandas=True),
        "revenue": pa.array(np.where(history.wins, deals.revenue, 0.0)),
        "won_by_end": pa.array(history.wins & (won_at < drawn.calendar.end_seconds)),
        "worked": pa.array(history.worked),
        "first_response_hours": pa.array(np.round(history.response_hours, 3), from_pandas=True),
        "labelled_junk": pa.array(history.labelled_junk),
    }


def _at_export(drawn: Drawn) -> dict[str, pa.Array]:
    still = drawn.open_leads
    return {
        "open_at_end": pa.array(still.is_open),
        "open_win_probability": pa.array(np.round(still.win_probability, 6), from_pandas=True),
        "open_value": pa.array(np.round(still.value, 4), from_pandas=True),
    }
