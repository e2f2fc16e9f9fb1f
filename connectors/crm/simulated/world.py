"""Simulate a CRM: leads, stage history, spend and sessions up to an export date, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.crm.simulated import channels, columns
from connectors.crm.simulated.behaviour import behaviour
from connectors.crm.simulated.bots import GENUINE, Classes, classes
from connectors.crm.simulated.chances import Chances, chances
from connectors.crm.simulated.channels import Arrivals, Calendar, arrivals
from connectors.crm.simulated.companies import Facts, facts
from connectors.crm.simulated.deals import Deals, deals
from connectors.crm.simulated.draw import digits_of, join, pick, stream
from connectors.crm.simulated.extras import Extras, extras
from connectors.crm.simulated.identity import identity
from connectors.crm.simulated.mess import messy
from connectors.crm.simulated.parameters import Parameters, data, parameters
from connectors.crm.simulated.sales import STAGES, Work, work
from connectors.crm.simulated.sessions import sessions
from connectors.crm.simulated.spend import spend
from connectors.crm.simulated.texts import messages
from connectors.crm.simulated.web import web
from leadworth.errors import InputError

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
    arrived = arrivals(world, calendar, leads, seed)
    kinds = classes(world, calendar, arrived, seed)
    who = facts(world, calendar, arrived, kinds, seed)
    did = behaviour(world, arrived, kinds, who, seed)
    more = extras(arrived, who, features, seed)
    odds = chances(world, calendar, arrived, who, did, more.effect)
    worth = deals(world, arrived, who, seed)
    done = work(world, arrived, kinds, odds, worth, seed)
    seen = web(world, arrived, kinds, who, did, seed)
    named = identity(world, kinds, who, seed)
    clean = columns.written(
        who, named, messages(world, kinds, who, seed), seen, did, more, arrived.imported, stream(seed, "columns")
    )
    ids = columns.lead_ids(leads)
    events = _events(ids, done)
    stages = events[events["stage_at"] < calendar.end] if world.sales.outcomes_visible else events[:0]
    table = _leads(ids, arrived, messy(clean, world, kinds, seed), done, calendar, world, seed)
    return Simulation(
        parameters=world,
        seed=seed,
        start=calendar.start,
        end=calendar.end,
        leads=columns.frame(table),
        stages=stages.reset_index(drop=True),
        spend=spend(world, calendar, arrived, seed),
        sessions=sessions(world, calendar, arrived, seed),
        truth=_truth(ids, world, calendar, arrived, kinds, who, odds, worth, done),
        events=events,
        extras=more,
    )


def _instants(seconds: np.ndarray) -> pa.Array:
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us", "UTC"))


def _events(ids: pa.Array, done: Work) -> pd.DataFrame:
    return columns.frame(
        {
            "lead_id": ids.take(pa.array(done.lead)),
            "stage": pick(STAGES, done.stage),
            "stage_at": _instants(done.seconds),
            "amount": pa.array(done.amount, from_pandas=True),
        }
    )


def _leads(
    ids: pa.Array,
    arrived: Arrivals,
    table: dict[str, pa.Array],
    done: Work,
    calendar: Calendar,
    world: Parameters,
    seed: int,
) -> dict[str, pa.Array]:
    """Add id, time of submit and the columns that the CRM keeps changing afterwards."""
    rows = len(arrived)
    known = (done.seconds < calendar.end_seconds) & world.sales.outcomes_visible
    status, changed = np.zeros(rows, dtype=np.int64), arrived.seconds.copy()
    status[done.lead[known]] = done.stage[known]  # events are in order of time within a lead: the last one stays
    changed[done.lead[known]] = done.seconds[known]
    owners = data("web")["extras"]["owners"]
    owner = pick(owners, stream(seed, "owners").integers(0, len(owners), rows))
    contacted = pa.array(status > 0)
    return {
        "Lead ID": ids,
        "Created": _instants(arrived.seconds),
        **table,
        "Lead Status": pick(STAGES, status),
        "Lead Owner": pc.if_else(contacted, owner, pa.scalar(None, pa.string())),
        "Last Modified": _instants(changed),
    }


def _truth(
    ids: pa.Array,
    world: Parameters,
    calendar: Calendar,
    arrived: Arrivals,
    kinds: Classes,
    who: Facts,
    odds: Chances,
    worth: Deals,
    done: Work,
) -> pd.DataFrame:
    win = np.where(kinds.junk, 0.0, odds.win)
    won_at = arrived.seconds + np.round(worth.delay_days * channels.DAY_SECONDS).astype(np.int64)
    attack = pick([*world.attacks, "genuine"], np.where(kinds.attack == GENUINE, len(world.attacks), kinds.attack))
    campaigns = [channels.campaigns_of(name, channel) for name, channel in world.channels.items()]
    starts = np.concatenate([[0], np.cumsum([len(names) for names in campaigns])[:-1]])
    nothing = pa.scalar(None, pa.string())
    first = ids.take(pa.array(np.maximum(who.duplicate_of, 0)))
    return columns.frame(
        {
            "lead_id": ids,
            "submitted_at": _instants(arrived.seconds),
            "channel": pick(list(world.channels), arrived.channel),
            "campaign": pick([n for names in campaigns for n in names], starts[arrived.channel] + arrived.campaign),
            "person_id": join("P-", digits_of(who.person)),
            "duplicate_of": pc.if_else(pa.array(who.duplicate_of >= 0), first, nothing),
            "junk": pa.array(kinds.junk),
            "automated": pa.array(kinds.automated),
            "attack": pc.if_else(pa.array(kinds.junk), attack, nothing),
            "win_probability": pa.array(win),
            "expected_revenue": pa.array(worth.expected),
            "value": pa.array(win * worth.expected),
            "wins": pa.array(done.wins),
            "won_at": pc.if_else(pa.array(done.wins), _instants(won_at), pa.scalar(None, pa.timestamp("us", "UTC"))),
            "win_delay_days": pa.array(np.where(done.wins, worth.delay_days, np.nan), from_pandas=True),
            "revenue": pa.array(np.where(done.wins, worth.revenue, 0.0)),
            "won_by_end": pa.array(done.wins & (won_at < calendar.end_seconds)),
            "worked": pa.array(done.worked),
            "first_response_hours": pa.array(done.response_hours, from_pandas=True),
            "labelled_junk": pa.array(done.labelled_junk),
        }
    )
