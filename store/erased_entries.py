"""Entries of the spool whose person was erased while they waited: they are dropped, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from store import erasures, store_metrics
from store.schema import person_index
from store.spool import StoreEntry

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def without_erased(connection: Connection, entries: Sequence[StoreEntry]) -> list[StoreEntry]:
    """Return entries without the leads of people who were erased after they submitted them."""
    known = [row for entry in entries for row in entry.outbox.get(person_index.name, ())]
    digests = {digest for row in known if (digest := row["email"] or row["phone"])}
    erased_at = erasures.erased_persons(connection, sorted(digests)) if digests else {}
    gone = {
        row["lead_id"]: (row["velocity_person"], row["velocity_at"])
        for row in known
        if (at := erased_at.get(row["email"] or row["phone"])) is not None
        and row["velocity_at"] <= (at - _EPOCH) // timedelta(microseconds=1)
    }
    if not gone:
        return list(entries)
    kept = [_without(entry, gone) for entry in entries]
    dropped = sum(len(entry.rows) for entry in entries) - sum(len(entry.rows) for entry in kept)
    store_metrics.ROWS.labels("erased").inc(dropped)
    log.info("spooled decisions of erased people dropped", rows=dropped)
    return [entry for entry in kept if entry.rows or entry.velocity]


def _without(entry: StoreEntry, gone: dict[str, tuple[int, int]]) -> StoreEntry:
    """Return an entry without the rows of leads; its answer goes too where it is about one of them."""
    rows = [row for row in entry.rows if row["lead_id"] not in gone]
    events = set(gone.values())
    return replace(
        entry,
        rows=rows,
        answer=entry.answer if len(rows) == len(entry.rows) else None,
        outbox={table: [row for row in part if row["lead_id"] not in gone] for table, part in entry.outbox.items()},
        velocity=[event for event in entry.velocity if (event.person, event.at) not in events],
    )
