"""Receipts of sent batches, by which platforms are asked for the processing status."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from store.insert_ignore import insert_ignore
from store.schema import export_receipts
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

_receipts = export_receipts.c


def add(connection: Connection, destination: str, counts: Mapping[str, int], now: datetime, ask_at: datetime) -> None:
    """Add receipts.

    Parameters
    ----------
    connection
        In a transaction.
    destination
        Name of the platform.
    counts
        Receipt -> events that it covers.
    now
        When they were sent.
    ask_at
        When to ask for the status.
    """
    rows = [
        {
            "receipt": receipt,
            "destination": destination,
            "sent_at": stamp(now),
            "events": events,
            "ask_at": stamp(ask_at),
            "asked": 0,
            "processed": None,
            "failed": None,
            "reasons": "{}",
        }
        for receipt, events in counts.items()
    ]
    if rows:
        connection.execute(insert_ignore(connection, export_receipts), rows)


def due(connection: Connection, destination: str, now: datetime, limit: int = 100) -> list[dict[str, Any]]:
    """Return `receipt`, `sent_at` and `asked` of the receipts whose status is to be asked for now."""
    query = select(_receipts.receipt, _receipts.sent_at, _receipts.asked).where(
        _receipts.destination == destination, _receipts.ask_at <= stamp(now)
    )
    return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def ask_again(connection: Connection, receipt: str, at: datetime | None) -> None:
    """Record that a platform was asked, and when to ask again; None: never."""
    values = {"asked": _receipts.asked + 1, "ask_at": None if at is None else stamp(at)}
    connection.execute(update(export_receipts).where(_receipts.receipt == receipt).values(**values))


def record_status(
    connection: Connection, receipt: str, processed: int, failed: int, reasons: Mapping[str, int]
) -> None:
    """Record how many events of a receipt were processed and failed, and the reasons (code -> events)."""
    values = {"processed": processed, "failed": failed, "reasons": json.dumps(dict(reasons))}
    connection.execute(update(export_receipts).where(_receipts.receipt == receipt).values(**values))


def processed_sums(connection: Connection) -> dict[str, tuple[int, int, int]]:
    """Return by platform the accepted, processed and failed events of receipts with a status."""
    query = (
        select(
            _receipts.destination,
            func.sum(_receipts.events),
            func.sum(_receipts.processed),
            func.sum(func.coalesce(_receipts.failed, 0)),
        )
        .where(_receipts.processed.is_not(None))
        .group_by(_receipts.destination)
    )
    return {
        name: (int(events), int(processed), int(failed))
        for name, events, processed, failed in connection.execute(query)
    }


def accepted_and_processed(connection: Connection, before: datetime) -> Sequence[tuple[str, int, int]]:
    """Return platform, accepted and processed events of all receipts sent before a moment; no status counts as 0."""
    query = (
        select(_receipts.destination, func.sum(_receipts.events), func.sum(func.coalesce(_receipts.processed, 0)))
        .where(_receipts.sent_at < stamp(before))
        .group_by(_receipts.destination)
    )
    return [(name, int(events), int(processed)) for name, events, processed in connection.execute(query)]
