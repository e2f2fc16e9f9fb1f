"""Runs of the synchronisation with CRMs, for `leadworth crm status`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from store.mirror_schema import crm_runs
from store.row_ids import new_row_id
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


class RunResult(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    UNFINISHED = "unfinished"
    """Stopped by the quota; the next run goes on."""
    DIFFERENT = "different"
    """Complete, but the CRM counts another number of records."""
    FAILED = "failed"


@dataclass(frozen=True)
class SyncRun:
    """A run of the synchronisation.

    Attributes
    ----------
    requests
        Requests made.
    stored
        Rows written.
    counts
        Object -> number of records in the CRM and in the mirror, where they were compared.
    """

    started_at: datetime
    ended_at: datetime
    requests: int
    stored: int
    result: RunResult
    message: str = ""
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def add(connection: Connection, crm: str, run: SyncRun) -> None:
    """Record a run."""
    row = {
        "run_id": new_row_id(),
        "crm": crm,
        "started_at": stamp(run.started_at),
        "ended_at": stamp(run.ended_at),
        "requests": run.requests,
        "stored": run.stored,
        "result": run.result.value,
        "message": run.message,
        "counts": json.dumps({name: list(pair) for name, pair in run.counts.items()}),
    }
    connection.execute(insert(crm_runs), row)


@dataclass(frozen=True)
class RecordCount:
    """Number of records of an object in a CRM, as it counts them itself, and in the mirror."""

    crm: str
    object: str
    there: int
    here: int


def newest_counts(connection: Connection) -> list[RecordCount]:
    """Return the counts of the newest run of each CRM that compared them."""
    newest = (
        select(func.max(crm_runs.c.run_id).label("run_id"))
        .where(crm_runs.c.counts != json.dumps({}))
        .group_by(crm_runs.c.crm)
        .subquery()
    )
    query = select(crm_runs.c.crm, crm_runs.c.counts).join(newest, newest.c.run_id == crm_runs.c.run_id)
    return [
        RecordCount(crm, name, pair[0], pair[1])
        for crm, counts in connection.execute(query.order_by(crm_runs.c.crm))
        for name, pair in json.loads(counts).items()
    ]


def last_reads(connection: Connection, until: datetime) -> dict[str, datetime]:
    """Return when each CRM was read completely for the last time, by a run that ended until a moment."""
    complete = crm_runs.c.result.in_((RunResult.COMPLETE.value, RunResult.DIFFERENT.value))
    query = (
        select(crm_runs.c.crm, func.max(crm_runs.c.ended_at))
        .where(complete, crm_runs.c.ended_at <= stamp(until))
        .group_by(crm_runs.c.crm)
    )
    return {crm: datetime.fromisoformat(at) for crm, at in connection.execute(query)}


def latest(connection: Connection, crm: str, limit: int = 1) -> list[SyncRun]:
    """Return the latest runs, the newest first."""
    query = select(crm_runs).where(crm_runs.c.crm == crm).order_by(crm_runs.c.run_id.desc()).limit(limit)
    return [
        SyncRun(
            datetime.fromisoformat(row.started_at),
            datetime.fromisoformat(row.ended_at),
            row.requests,
            row.stored,
            RunResult(row.result),
            row.message,
            {name: (pair[0], pair[1]) for name, pair in json.loads(row.counts).items()},
        )
        for row in connection.execute(query)
    ]
