"""The nightly plan: add the events that follow from the CRM's stages and values to the outbox.

Leads that the service never scored (a business with CSV exports only has no others) enter the outbox here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from conversions.outbox_writer import OutboxWriter, encrypt_lead
from conversions.planned_changes import PlannedChanges, PlanResult, StoredLeads
from conversions.stage_events import Progress
from conversions.stage_values import StageValues
from features.lead_origin import channel_of_lead
from leadworth.channel_groups import channel_groups
from leadworth.clock import Clock, utc_now
from leadworth.money import amount, conversion_rate
from leadworth.retention_settings import LONGEST_LOOK_BACK_DAYS
from store import consents, erasures, lead_identifiers, outbox_queries
from store.chunks import chunks
from store.consents import ConsentOrigin
from store.outbox import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from conversions.plan_inputs import PlanInputs
    from leadworth.settings import Settings

LOOK_BACK = timedelta(days=LONGEST_LOOK_BACK_DAYS)
"""Leads older than that are outside every platform's window."""


def plan(
    settings: Settings,
    inputs: PlanInputs,
    writer: OutboxWriter,
    engine: Engine,
    advance: Callable[[int], None],
    *,
    dry_run: bool = False,
    clock: Clock = utc_now,
) -> PlanResult:
    """Add the events that follow from the inputs to the outbox, some hundred leads per transaction.

    Parameters
    ----------
    settings
        Application settings.
    inputs
        Leads with scores and outcomes.
    writer
        Platforms and cipher.
    engine
        Store engine.
    advance
        Called with the number of leads after each transaction.
    dry_run
        Count the events, and add nothing.
    clock
        The current time; that of the replayed day in a replay.
    """
    history = inputs.history()
    stages = StageValues.learn(history)
    factors = inputs.unit_factors(stages.win_probability(history), settings.horizon_days)
    values = stages.value(history) * factors
    rejected = inputs.rejected()
    since = pd.Timestamp(clock() - LOOK_BACK)
    plain = [name for name in inputs.leads if not str(name).startswith("extras.")]
    recent = np.flatnonzero((inputs.leads["submitted_at"] >= since).to_numpy(dtype=bool))
    result = PlanResult()
    for part in chunks(recent.tolist()):
        now = clock()
        leads = records(inputs.leads[plain].iloc[part])
        with engine.connect() as connection:
            stored = read_stored(connection, leads, writer, settings)
        changes = PlannedChanges(settings, writer, stored, now)
        scores = records(inputs.scores.iloc[part])
        outcomes = records(inputs.outcomes.iloc[part])
        for index, lead, score, outcome in zip(part, leads, scores, outcomes, strict=True):
            if lead["lead_id"] in stored.erased:
                result.erased += 1
                continue
            payload = stored.identifiers.get(lead["lead_id"]) or encrypt_lead(writer.cipher, lead)
            progress = progress_of(
                settings,
                lead,
                score,
                outcome,
                float(values[index]),
                payload,
                inputs.as_of,
                rejected=bool(rejected[index]),
            )
            changes.add_lead(lead, progress)
        if not dry_run:
            with engine.begin() as connection:
                changes.write(connection)
        changes.count(result)
        result.leads += len(part)
        advance(len(part))
    return result


def progress_of(
    settings: Settings,
    lead: Row,
    score: Row,
    outcome: Row,
    open_value: float,
    payload: str | None,
    as_of: datetime,
    *,
    rejected: bool,
) -> Progress:
    """Return the stages and the present value of a lead.

    Parameters
    ----------
    settings
        Application settings.
    lead, score, outcome
        Rows of the three tables, None for missing values.
    open_value
        Expected value while the lead is open, as a share of the value of its decision unit.
    payload
        Encrypted identifiers.
    as_of
        Time for a stage without one.
    rejected
        Junk, by feedback or by verdict.
    """
    submitted_at: datetime = lead["submitted_at"]
    reached = {"lead": submitted_at}
    value = open_value
    expected = True

    def time_of(stage: str) -> datetime:
        return max(outcome[f"{stage}_at"] or as_of, submitted_at)

    if outcome["engaged"] and not rejected:
        reached["qualified"] = time_of("engaged")
    if outcome["won"]:
        reached["won"] = time_of("won")
        value = score["expected_revenue"] if outcome["revenue"] is None else outcome["revenue"]
        expected = False
        rejected = False
    elif rejected or outcome["lost"] or outcome["other_win"]:
        # The revenue of a decision unit is sent for the lead that carries its win; the others are worth nothing more.
        end = "junk" if rejected else "lost" if outcome["lost"] else "other_win"
        reached["lost" if end == "other_win" else end] = time_of(end)
        value = 0.0
        expected = False
    return Progress(
        lead_id=str(lead["lead_id"]),
        channel=channel_of_lead(lead, channel_groups(settings)),
        campaign=lead.get("campaign"),
        model_version=str(score["model_version"]),
        reached=reached,
        value=amount(value, settings.currency),
        currency=settings.currency,
        expected=expected,
        rejected=rejected,
        payload=payload,
    )


def records(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a table with Python values, None for missing ones.

    Examples
    --------
    >>> records(pd.DataFrame({"lead_id": ["L1"], "revenue": [float("nan")]}))
    [{'lead_id': 'L1', 'revenue': None}]
    """
    names = [str(name) for name in table]
    columns = [_values(table.iloc[:, position]) for position in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pd.Series) -> list[Any]:
    values: list[Any] = column.dt.to_pydatetime().tolist() if column.dtype.kind == "M" else column.tolist()
    if not column.hasnans:
        return values
    return [None if missing else value for value, missing in zip(values, column.isna(), strict=True)]


def read_stored(connection: Connection, leads: Sequence[Row], writer: OutboxWriter, settings: Settings) -> StoredLeads:
    """Return what the store has of some leads, given as their rows of the lead table; money in today's currency."""
    ids = [str(lead["lead_id"]) for lead in leads]
    persons = [(str(lead["lead_id"]), lead.get("email"), lead["submitted_at"]) for lead in leads]
    events: dict[tuple[str, str], list[Row]] = {}
    for row in outbox_queries.events_of_leads(connection, ids, outbox_queries.PLAN_COLUMNS):
        events.setdefault((row["lead_id"], row["destination"]), []).append(_converted(row, settings))
    return StoredLeads(
        identifiers=lead_identifiers.encrypted_of_leads(connection, ids),
        consents=consents.records_of_leads(connection, ids),
        consents_of_crm=consents.records_of_leads(connection, ids, ConsentOrigin.CRM),
        erased=erasures.erased_among(connection, writer.cipher, persons),
        events=events,
    )


def _converted(event: Row, settings: Settings) -> Row:
    """Return an event with its values in the currency of the settings."""
    if event["currency"] == settings.currency:
        return event
    rate = Decimal(str(conversion_rate(event["currency"], settings, "conversions of the outbox")))
    values = {
        name: None if event[name] is None else str(amount(Decimal(event[name]) * rate, settings.currency))
        for name in ("value", "sent_value")
    }
    return event | values | {"currency": settings.currency}
