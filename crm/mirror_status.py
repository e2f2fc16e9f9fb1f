"""State of the mirror of a CRM, for people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crm.mirror_sync import RECORDS, crm_cipher
from leadworth.crm_records import RecordState
from leadworth.settings import Settings
from store import crm_cursors, crm_events, crm_field_lists, crm_runs, crm_scores
from store.crm_mirror import CrmMirror

if TYPE_CHECKING:
    from sqlalchemy import Engine


def status_rows(engine: Engine, settings: Settings, crm: str, now: datetime) -> list[tuple[str, ...]]:
    """Return a row for each object: rows by state, count in the CRM, and the age of its cursor."""
    with engine.connect() as connection:
        counts = CrmMirror(connection, crm, crm_cipher(settings)).counts()
        cursors = crm_cursors.read(connection, crm)
        runs = crm_runs.latest(connection, crm, 50)
    compared: dict[str, int] = {}
    for run in runs:
        for name, (there, _) in run.counts.items():
            compared.setdefault(name, there)
    rows = []
    for name in sorted({*counts, *(name for name, _ in cursors)}):
        cursor = cursors.get((name, RECORDS))
        age = f"{now - cursor.at}".partition(".")[0] if cursor and cursor.at else "never"
        unfinished = " (unfinished)" if cursor is not None and cursor.window_end is not None else ""
        rows.append(
            (
                name,
                *(f"{counts.get(name, {}).get(state, 0):,}" for state in RecordState),
                f"{compared[name]:,}" if name in compared else "",
                age + unfinished,
            )
        )
    return rows


def status_lines(engine: Engine, crm: str) -> list[str]:
    """Return sentences on the last run, vanished fields, scores and webhooks."""
    with engine.connect() as connection:
        runs = crm_runs.latest(connection, crm)
        vanished = crm_field_lists.vanished_fields(connection, crm)
        scores = crm_scores.counts(connection, crm)
        waiting = crm_events.count_waiting(connection, crm)
    lines = [
        f"Last run: {run.ended_at:%Y-%m-%d %H:%M:%S}, {run.result.value}, {run.requests:,} requests, "
        f"{run.stored:,} rows stored" + (f"; {run.message}" if run.message else "")
        for run in runs
    ] or [f"No run yet: run `leadworth crm sync {crm}`"]
    lines += [f"Field that vanished: {name} of {object_name}, on {at:%Y-%m-%d}" for object_name, name, at in vanished]
    if scores:
        lines.append("Scores: " + ", ".join(f"{number:,} {state.value}" for state, number in scores.items()))
    if waiting:
        lines.append(
            "Webhooks that wait: " + ", ".join(f"{n:,} to {task.value}" for task, n in sorted(waiting.items()))
        )
    return lines
