"""Why a lead has no event of a stage at a platform: the rules of the plan, asked for one lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from conversions.outbox_status import reason
from conversions.outbox_writer import encrypt_lead
from conversions.plan_inputs import read_plan_inputs
from conversions.planner import LOOK_BACK, progress_of, read_stored, records
from conversions.stage_events import NO_ACTION, TOO_OLD, Progress, unplanned
from leadworth.errors import LeadworthError
from leadworth.platform_section import STAGES
from models.bundle_loading import load_bundle

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from conversions.destination import Destination
    from conversions.export_context import ExportContext
    from conversions.outbox_writer import OutboxWriter
    from conversions.plan_inputs import PlanInputs
    from leadworth.settings import Settings
    from store.outbox import Row

ENDS_ELSEWHERE = {"lost", "junk"}
"""Stages that concern only the platforms that have an action for them."""


def read_unplanned(
    export: ExportContext, lead_id: str, bundle: Path | None, as_of: str | None
) -> tuple[list[tuple[str, str, str]] | None, str]:
    """Return (platform, stage, why) of the stages without an event; else None, and why that is not known.

    Parameters
    ----------
    export
        Settings, store and platforms.
    lead_id
        Id of the lead.
    bundle
        Folder of a bundle, or None for the champion: the verdict of a lead without a decision is the model's.
    as_of
        Time of a replay, or None for the present.
    """
    clock, moment = export.clock(as_of)
    try:
        champion = load_bundle(export.settings, bundle)
        inputs = read_plan_inputs(export.settings, champion, export.engine, as_of=moment, only=lead_id)
    except LeadworthError as error:
        return None, error.given
    stages = unplanned_stages(export.settings, inputs, export.writer, export.engine, lead_id, clock())
    return stages, "" if stages is not None else "the CRM has no such lead with a time of submit"


def unplanned_stages(
    settings: Settings, inputs: PlanInputs, writer: OutboxWriter, engine: Engine, lead_id: str, now: datetime
) -> list[tuple[str, str, str]] | None:
    """Return (platform, stage, why) of the stages without an event; None if the CRM has no such lead with a time.

    Parameters
    ----------
    settings
        Application settings.
    inputs
        Of a plan, with the score of this lead.
    writer
        Platforms and cipher.
    engine
        Store engine.
    lead_id
        Id of the lead.
    now
        Timezone-aware current time.
    """
    at = np.flatnonzero((inputs.leads["lead_id"] == lead_id).to_numpy(dtype=bool))[:1]
    if not len(at):
        return None
    plain = [name for name in inputs.leads if not str(name).startswith("extras.")]
    [lead], [score], [outcome] = (
        records(table.iloc[at]) for table in (inputs.leads[plain], inputs.scores, inputs.outcomes)
    )
    with engine.connect() as connection:
        stored = read_stored(connection, [lead], writer, settings)
    payload = stored.identifiers.get(lead_id) or encrypt_lead(writer.cipher, lead)
    rejected = bool(inputs.rejected()[at[0]])
    progress = progress_of(settings, lead, score, outcome, 0.0, payload, inputs.as_of, rejected=rejected)
    for_all = ""
    if lead_id in stored.erased:
        for_all = reason("erased")
    elif now - lead["submitted_at"] > LOOK_BACK:
        age = (now - lead["submitted_at"]).days
        for_all = f"too old: sent {age} days ago, and a plan looks back {LOOK_BACK.days}"
    return [
        (destination.name, stage, for_all or why)
        for destination in writer.destinations.values()
        for stage, why in _reasons(progress, destination, stored.events.get((lead_id, destination.name), []), now)
    ]


def _reasons(
    progress: Progress, destination: Destination, events: Sequence[Row], now: datetime
) -> Iterator[tuple[str, str]]:
    """Yield the stages without an event, each with the reason in a sentence."""
    done = {row["stage"] for row in events}
    codes = dict(unplanned(progress, destination, events, now))
    for stage in STAGES:
        if stage in done or (stage in ENDS_ELSEWHERE and stage not in destination.actions and stage not in codes):
            continue
        if stage not in progress.reached:
            yield stage, "not reached, as far as the CRM says"
        elif codes.get(stage) == TOO_OLD:
            most = destination.limits.window_days
            days = max((now - progress.reached[stage]).days, most)
            yield stage, f"too old for {destination.name}: {days} days, at most {most}"
        elif stage in codes:
            yield stage, reason(codes[stage])
        elif stage not in destination.actions:
            yield stage, reason(NO_ACTION)
        else:
            yield stage, "nothing against it: the next `leadworth export plan` adds it"
