"""Reconciliation: compare what platforms accepted with what they processed, and with their own reports.

A platform that can be asked is asked for the status of a receipt after half an hour, and then at doubling
intervals for two days. If events of a receipt failed for a transient reason, all its events are sent again;
the platform recognises each by its transaction. What a platform attributes to campaigns is only in its own
reports, which `compare_report` compares with the outbox.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from conversions.conversion_event import EventKind
from conversions.delivery_results import ReceiptStatus
from conversions.outbox_writer import next_version
from leadworth.errors import DeliveryError, InputError
from store import outbox, outbox_queries, receipts
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from conversions.destination import Destination

log = structlog.get_logger()

SETTLED_AFTER = timedelta(hours=72)
"""Age from which the platform and the outbox must agree."""
TOLERANCE = 0.05
FIRST_INTERVAL = timedelta(minutes=30)
ASKED_FOR = timedelta(hours=48)
MOST_VERSIONS = 5
TRANSIENT_REASONS = {"TOO_RECENT_CLICK", "INTERNAL_ERROR", "CLICK_NOT_FOUND"}
"""Reasons of a failure after which sending again helps; a click is not known at once."""
RESEND_AFTER = timedelta(hours=6)
COLUMNS = ("day", "conversions", "value")


@dataclass(frozen=True)
class Difference:
    """Events that a platform accepted, and those that it processed or reports.

    Attributes
    ----------
    destination
        Name of the platform, with the day for a report.
    accepted
        Events that it accepted, according to the outbox.
    counted
        Events that it processed or reports.
    what
        `processed` or `shown`.
    """

    destination: str
    accepted: int
    counted: int
    what: str

    @property
    def share(self) -> float:
        """Difference as a share of the accepted events."""
        return abs(self.accepted - self.counted) / self.accepted if self.accepted else 0.0

    @property
    def alarming(self) -> bool:
        """Whether more than 5 % differ."""
        return self.share > TOLERANCE


def ask_for_status(engine: Engine, destination: Destination, now: datetime) -> int:
    """Ask a platform for the status of the receipts that are due; return how many."""
    with engine.connect() as connection:
        rows = receipts.due(connection, destination.name, now)
    for row in rows:
        try:
            status = destination.reconcile(row["receipt"])
        except DeliveryError as error:
            log.warning("receipt status not available", destination=destination.name, error=type(error).__name__)
            status = None
        with engine.begin() as connection:
            _record(connection, destination, row, status, now)
    return len(rows)


def _record(
    connection: Connection,
    destination: Destination,
    row: Mapping[str, Any],
    status: ReceiptStatus | None,
    now: datetime,
) -> None:
    receipt: str = row["receipt"]
    if status is not None and status.finished:
        receipts.ask_again(connection, receipt, None)
        receipts.record_status(connection, receipt, status.processed, status.failed, status.reasons)
        if TRANSIENT_REASONS & set(status.reasons):
            _resend(connection, destination, receipt, now)
    elif now - datetime.fromisoformat(row["sent_at"]) < ASKED_FOR:
        receipts.ask_again(connection, receipt, now + FIRST_INTERVAL * 2 ** min(row["asked"], 5))
    else:
        receipts.ask_again(connection, receipt, None)


def _resend(connection: Connection, destination: Destination, receipt: str, now: datetime) -> None:
    """Add a version of every event of a receipt that is still the newest of its transaction."""
    rows = []
    for event in outbox_queries.latest_of_receipt(connection, destination.name, receipt, MOST_VERSIONS):
        unchanged = {name: event[name] for name in ("value", "currency", "expected", "model_version")}
        version = next_version(
            now, destination.limits, event, EventKind.RESTATEMENT, payload=event["sealed"], **unchanged
        )
        rows.append({**version, "not_before": stamp(now + RESEND_AFTER), "code": "told-again"})
    outbox.add(connection, {"export_events": rows})


def processing_differences(connection: Connection, now: datetime) -> Iterator[Difference]:
    """Yield accepted and processed events by platform, for receipts older than 72 hours."""
    for name, accepted, processed in receipts.accepted_and_processed(connection, now - SETTLED_AFTER):
        yield Difference(name, accepted, processed, "processed")


def compare_report(connection: Connection, destination: str, report: Path, now: datetime) -> list[Difference]:
    """Compare a platform's own report with the outbox by day, without the last 72 hours.

    Parameters
    ----------
    connection
        Connection to the store.
    destination
        Name of the platform.
    report
        CSV with the columns `day` (ISO) and `conversions`; other columns are ignored.
    now
        Timezone-aware current time.

    Raises
    ------
    InputError
        If the file is not such a report.
    """
    reported = _read_report(report)
    accepted = outbox_queries.delivered_by_day(connection, destination)
    last = (now - SETTLED_AFTER).date()
    return [
        Difference(f"{destination} {day}", accepted.get(day.isoformat(), 0), reported[day], "shown")
        for day in sorted(reported)
        if day <= last
    ]


def _read_report(report: Path) -> dict[date, int]:
    """Return the conversions by day."""
    try:
        with report.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"day", "conversions"} <= set(reader.fieldnames or ()):
                raise InputError(f"{report} has the columns {reader.fieldnames}", allowed=", ".join(COLUMNS))
            conversions: dict[date, int] = {}
            for line, row in enumerate(reader, start=2):
                try:
                    day = date.fromisoformat(row["day"])
                    conversions[day] = conversions.get(day, 0) + round(Decimal(row["conversions"]))
                except (ValueError, InvalidOperation, TypeError):
                    raise InputError(
                        f"{report}, line {line} cannot be read", allowed="day as 2026-03-01, conversions as a number"
                    ) from None
    except OSError as error:
        raise InputError(f"{report} cannot be read: {error.strerror}", do="name the report") from None
    return conversions
