"""Simulate a CRM: leads, stage history, spend and sessions up to an export date, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from leadworth.errors import InputError
from simulation import channels, csv_columns
from simulation.bot_traffic import classes
from simulation.channels import Calendar, arrivals
from simulation.collector_payloads import evidence
from simulation.companies import facts
from simulation.deals import deals
from simulation.extra_columns import Extras, extras
from simulation.ground_truth import Drawn, truth
from simulation.message_texts import messages
from simulation.noise import messy
from simulation.parameters import Parameters, data, parameters
from simulation.person_details import identity
from simulation.propensities import chances
from simulation.rng import blank, pick, stream
from simulation.sales_process import STAGES, work
from simulation.sessions import sessions
from simulation.spend import spend
from simulation.visitor_behaviour import behaviour
from simulation.web_attribution import web

DEFAULT_END = date(2026, 10, 1)


@dataclass(frozen=True)
class Simulation:
    """A simulated CRM as exported at `end`, and what only the simulator knows.

    `leads`, `stages`, `spend` and `sessions` hold what the files hold. `events` has the columns of
    `stages`, the future included. `truth` has one row per lead, in the same order as `leads`.
    """

    parameters: Parameters
    seed: int
    start: datetime
    end: datetime
    leads: pd.DataFrame
    stages: pd.DataFrame
    spend: pd.DataFrame
    sessions: pd.DataFrame
    truth: pd.DataFrame
    events: pd.DataFrame
    extras: Extras


def simulate(
    scenario: str | Parameters | None = None,
    *,
    leads: int = 20_000,
    months: float = 24,
    seed: int = 7,
    end: date = DEFAULT_END,
    features: int = 0,
    changes: dict[str, Any] | None = None,
) -> Simulation:
    """Simulate a CRM; the same arguments give the same tables.

    Parameters
    ----------
    scenario
        Name of a scenario, or finished parameters, or None for the base world.
    leads
        Rows of the lead table.
    months
        Length of the history; it ends with the day before `end`.
    seed
        Any whole number from 0.
    end
        Export date, 00:00 UTC: nothing later stands in the CRM tables.
    features
        Further columns beside the standard ones.
    changes
        Changed parameters, of the shape of `Parameters`.

    Examples
    --------
    >>> world = simulate(leads=300, months=6, seed=1)
    >>> len(world.leads), len(world.truth), bool((world.stages["stage_at"] < world.end).all())
    (300, 300, True)
    """
    if leads < 1 or months <= 0 or seed < 0 or features < 0:
        raise InputError(
            f"leads={leads}, months={months}, seed={seed}, features={features}",
            allowed="leads from 1, months above 0, seed and features from 0",
        )
    world = scenario if isinstance(scenario, Parameters) else parameters(scenario, changes)
    calendar = Calendar(datetime.combine(end, time(), UTC), max(round(months * channels.DAYS_PER_MONTH), 1))
    drawn = _draw(world, calendar, leads, seed, features)
    events = _events(drawn)
    visible = (events["stage_at"] < calendar.end) & world.sales.outcomes_visible
    return Simulation(
        parameters=world,
        seed=seed,
        start=calendar.start,
        end=calendar.end,
        leads=csv_columns.frame(_leads(drawn, seed)),
        stages=events[visible].reset_index(drop=True),
        spend=spend(world, calendar, drawn.arrived, seed),
        sessions=sessions(world, calendar, drawn.arrived, seed),
        truth=truth(drawn),
        events=events,
        extras=drawn.more,
    )


def _draw(world: Parameters, calendar: Calendar, leads: int, seed: int, features: int) -> Drawn:
    arrived = arrivals(world, calendar, leads, seed)
    kinds = classes(world, calendar, arrived, seed)
    who = facts(world, calendar, arrived, kinds, seed)
    did = behaviour(world, arrived, kinds, who, seed)
    more = extras(arrived, who, features, seed)
    odds = chances(world, calendar, arrived, who, did, more.effect)
    worth = deals(world, arrived, who, seed)
    done = work(world, arrived, kinds, who, odds, worth, seed)
    return Drawn(csv_columns.lead_ids(leads), world, calendar, arrived, kinds, who, did, more, odds, worth, done)


def _events(drawn: Drawn) -> pd.DataFrame:
    done = drawn.done
    return csv_columns.frame(
        {
            "lead_id": drawn.ids.take(pa.array(done.lead)),
            "stage": pick(STAGES, done.stage),
            "stage_at": csv_columns.instants(done.seconds),
            "amount": pa.array(done.amount, from_pandas=True),
        }
    )


def _leads(drawn: Drawn, seed: int) -> dict[str, pa.Array]:
    """Write the lead file: id, time of submit, what was sent, and what the CRM keeps changing afterwards."""
    world, arrived, done = drawn.parameters, drawn.arrived, drawn.done
    clean = csv_columns.written(
        drawn.who,
        identity(world, drawn.kinds, drawn.who, seed),
        messages(world, drawn.kinds, drawn.who, seed),
        {
            **web(world, arrived, drawn.kinds, drawn.who, drawn.did, seed),
            **evidence(world, arrived, drawn.kinds, drawn.who, drawn.did, seed),
        },
        drawn.did,
        drawn.more,
        arrived.imported,
        stream(seed, "columns"),
    )
    known = (done.seconds < drawn.calendar.end_seconds) & world.sales.outcomes_visible
    status, changed = np.zeros(len(arrived), dtype=np.int64), arrived.seconds.copy()
    status[done.lead[known]] = done.stage[known]  # events are in order of time within a lead: the last one stays
    changed[done.lead[known]] = done.seconds[known]
    owners = data("web")["extras"]["owners"]
    owner = pick(owners, stream(seed, "owners").integers(0, len(owners), len(arrived)))
    return {
        "Lead ID": drawn.ids,
        "Created": csv_columns.instants(arrived.seconds),
        **messy(clean, world, drawn.kinds, seed),
        "Lead Status": pick(STAGES, status),
        "Lead Owner": blank(owner, status == 0),
        "Last Modified": csv_columns.instants(changed),
    }
