"""Simulation of a CRM: leads, stage history, spend and sessions up to an export date, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from leadworth.errors import InputError
from simulation import channels, csv_columns
from simulation.bot_traffic import draw_classes
from simulation.channels import Calendar, draw_arrivals
from simulation.collector_payloads import draw_payloads
from simulation.companies import draw_persons
from simulation.deals import draw_deals
from simulation.extra_columns import Extras, draw_extras
from simulation.ground_truth import Drawn, truth_table
from simulation.message_texts import draw_messages
from simulation.noise import add_noise
from simulation.open_leads import open_leads
from simulation.parameters import Parameters, data, parameters
from simulation.person_details import draw_details
from simulation.propensities import compute_chances
from simulation.rng import blank, pick, stream
from simulation.sales_process import STAGES, draw_sales
from simulation.sessions import draw_sessions
from simulation.spend import draw_spend
from simulation.visitor_behaviour import draw_behaviour
from simulation.web_attribution import draw_attribution

DEFAULT_END = date(2026, 10, 1)


@dataclass(frozen=True)
class Simulation:
    """Simulated CRM as exported at `end`, and its truth.

    `leads`, `stages`, `spend`, `sessions` and `new_leads` have the content of the files. `events` has the columns of
    `stages`, including future events. `truth` has one row per lead: those of `leads`, then those of `new_leads`, in
    the same order.
    """

    parameters: Parameters
    seed: int
    start: datetime
    end: datetime
    leads: pd.DataFrame
    stages: pd.DataFrame
    spend: pd.DataFrame
    sessions: pd.DataFrame
    new_leads: pd.DataFrame
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
    new_days: int = 0,
    features: int = 0,
    changes: dict[str, Any] | None = None,
) -> Simulation:
    """Simulate a CRM; the same arguments give the same tables.

    Parameters
    ----------
    scenario
        Name of a scenario, or parameters, or None for the base world.
    leads
        Number of leads, those after the export included.
    months
        Length of the history; it ends with the day before `end`.
    seed
        Any whole number from 0.
    end
        Export date, 00:00 UTC: the CRM tables contain nothing later.
    new_days
        Days that follow the export: their leads are in `new_leads`, for scoring.
    features
        Further columns besides the standard fields.
    changes
        Changed parameters, nested like `Parameters`.

    Examples
    --------
    >>> world = simulate(leads=300, months=6, seed=1)
    >>> len(world.leads), len(world.truth), bool((world.stages["stage_at"] < world.end).all())
    (300, 300, True)
    """
    if leads < 1 or months <= 0 or min(seed, features, new_days) < 0:
        raise InputError(
            f"leads={leads}, months={months}, seed={seed}, features={features}, new_days={new_days}",
            allowed="leads from 1, months above 0, seed, features and new_days from 0",
        )
    world = scenario if isinstance(scenario, Parameters) else parameters(scenario, changes)
    days = max(round(months * channels.DAYS_PER_MONTH), 1)
    calendar = Calendar(datetime.combine(end, time(), UTC), days + new_days, new_days)
    drawn = _draw(world, calendar, leads, seed, features)
    truth = truth_table(drawn)
    in_crm = (drawn.arrivals.day >= world.sales.archived_first_days) | truth["won_by_end"].to_numpy(dtype=bool)
    truth = truth[in_crm].reset_index(drop=True)
    table = csv_columns.frame(_leads(drawn, seed))[in_crm].reset_index(drop=True)
    is_new = (table["Created"] >= calendar.end).to_numpy(dtype=bool)
    events = _events(drawn)
    events = events[in_crm[drawn.history.lead]].reset_index(drop=True)
    visible = (events["stage_at"] < calendar.end) & world.sales.outcomes_visible
    spend, sessions = (draw(world, calendar, drawn.arrivals, seed) for draw in (draw_spend, draw_sessions))
    return Simulation(
        parameters=world,
        seed=seed,
        start=calendar.start,
        end=calendar.end,
        leads=table[~is_new],
        stages=events[visible].reset_index(drop=True),
        spend=_until_export(spend, end),
        sessions=_until_export(sessions, end),
        new_leads=table[is_new].reset_index(drop=True),
        truth=truth,
        events=events,
        extras=drawn.extras,
    )


def _until_export(days: pd.DataFrame, end: date) -> pd.DataFrame:
    return days[days["day"] < end.isoformat()].reset_index(drop=True)


def _draw(world: Parameters, calendar: Calendar, leads: int, seed: int, features: int) -> Drawn:
    arrivals = draw_arrivals(world, calendar, leads, seed)
    classes = draw_classes(world, calendar, arrivals, seed)
    persons = draw_persons(world, calendar, arrivals, classes, seed)
    behaviour = draw_behaviour(world, arrivals, classes, persons, seed)
    extras = draw_extras(arrivals, persons, features, seed)
    chances = compute_chances(world, calendar, arrivals, persons, behaviour, extras.effect)
    deals = draw_deals(world, arrivals, persons, seed)
    history = draw_sales(world, calendar, arrivals, classes, persons, chances, deals, seed)
    return Drawn(
        csv_columns.lead_ids(leads),
        world,
        calendar,
        arrivals,
        classes,
        persons,
        behaviour,
        extras,
        chances,
        deals,
        history,
        open_leads(world, calendar, arrivals, classes, chances, deals, history),
    )


def _events(drawn: Drawn) -> pd.DataFrame:
    history = drawn.history
    return csv_columns.frame(
        {
            "lead_id": drawn.ids.take(pa.array(history.lead)),
            "stage": pick(STAGES, history.stage),
            "stage_at": csv_columns.instants(history.seconds),
            "amount": pa.array(history.amount, from_pandas=True),
        }
    )


def _leads(drawn: Drawn, seed: int) -> dict[str, pa.Array]:
    """Return the lead file: id, time of submit, form fields, and the columns that the CRM updates afterwards."""
    world = drawn.parameters
    arrivals = drawn.arrivals
    history = drawn.history
    clean = csv_columns.file_columns(
        drawn.persons,
        draw_details(world, drawn.classes, drawn.persons, seed),
        draw_messages(world, drawn.classes, drawn.persons, seed),
        {
            **draw_attribution(world, arrivals, drawn.classes, drawn.persons, drawn.behaviour, seed),
            **draw_payloads(world, arrivals, drawn.classes, drawn.persons, drawn.behaviour, seed),
        },
        drawn.behaviour,
        drawn.extras,
        arrivals.imported,
        stream(seed, "columns"),
    )
    visible = (history.seconds < drawn.calendar.end_seconds) & world.sales.outcomes_visible
    status = np.zeros(len(arrivals), dtype=np.int64)
    changed = arrivals.seconds.copy()
    status[history.lead[visible]] = history.stage[visible]  # events of a lead are in order of time: the last one wins
    changed[history.lead[visible]] = history.seconds[visible]
    owners = data("web")["extras"]["owners"]
    owner = pick(owners, stream(seed, "owners").integers(0, len(owners), len(arrivals)))
    return {
        "Lead ID": drawn.ids,
        "Created": csv_columns.instants(arrivals.seconds),
        **add_noise(clean, world, drawn.classes, seed),
        "Lead Status": pick(STAGES, status),
        "Lead Owner": blank(owner, status == 0),
        "Last Modified": csv_columns.instants(changed),
    }
