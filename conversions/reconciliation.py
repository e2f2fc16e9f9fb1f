"""Accepted is not processed, processed is not matched, matched is not shown: what the platforms made of it.

Where a platform can be asked, it is asked half an hour after a receipt and then more and more seldom for a
day. Where it says that events failed for a reason that passes, all of that receipt are told again: the
platform knows each by its transaction. What it shows in the end only its own reports say; a report is held
against the ledger.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import func, select, update

from conversions.conversion_event import EventKind
from conversions.delivery_results import ReceiptStatus
from conversions.outbox_writer import later_version
from leadworth.errors import DeliveryError, InputError
from store import outbox
from store.idempotency_records import stamp
from store.schema import export_events, export_people, export_receipts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from conversions.destination import Destination

log = structlog.get_logger()

SETTLED_AFTER = timedelta(hours=72)
"""Age from which the platform and the ledger must agree."""
DIFFERENCE = 0.05
GIVE_UP, MOST_VERSIONS = timedelta(hours=48), 5
PASSING = {"TOO_RECENT_CLICK", "INTERNAL_ERROR", "CLICK_NOT_FOUND"}
"""Reasons of a late failure for which telling again helps; a click is not known at once."""
AGAIN_AFTER = timedelta(hours=6)
COLUMNS = ("day", "conversions", "value")
_events, _receipts = export_events.c, export_receipts.c


@dataclass(frozen=True)
class Difference:
    """Where a platform and the ledger differ.

    Attributes
    ----------
    destination
        The platform.
    told, found
        Events that the ledger says it took, and that the platform says it processed or shows.
    what
        `processed` or `shown`.
    """

    destination: str
    told: int
    found: int
    what: str

    @property
    def share(self) -> float:
        """Difference as a share of what was told."""
        return abs(self.told - self.found) / self.told if self.told else 0.0

    @property
    def alarming(self) -> bool:
        """More than a twentieth."""
        return self.share > DIFFERENCE


def ask(engine: Engine, destination: Destination, now: datetime) -> int:
    """Ask a platform about the receipts that are due; return how many were asked about."""
    with engine.connect() as connection:
        due = select(_receipts.receipt, _receipts.sent_at, _receipts.asked, _receipts.events).where(
            _receipts.destination == destination.name, _receipts.ask_at <= stamp(now)
        )
        rows = [dict(row) for row in connection.execute(due.limit(100)).mappings()]
    for row in rows:
        try:
            told = destination.reconcile(row["receipt"])
        except DeliveryError as error:
            log.warning("platform not asked", destination=destination.name, error=type(error).__name__)
            told = None
        with engine.begin() as connection:
            _note(connection, destination, row, told, now)
    return len(rows)


def _note(
    connection: Connection, destination: Destination, row: Mapping[str, Any], told: ReceiptStatus | None, now: datetime
) -> None:
    finished = told is not None and told.finished
    again = None
    if not finished and now - datetime.fromisoformat(row["sent_at"]) < GIVE_UP:
        again = stamp(now + timedelta(minutes=30) * 2 ** min(row["asked"], 5))
    values: dict[str, Any] = {"ask_at": again, "asked": row["asked"] + 1}
    if told is not None and told.finished:
        values |= {"processed": told.processed, "failed": told.failed, "reasons": json.dumps(dict(told.reasons))}
        if PASSING & set(told.reasons):
            _tell_again(connection, destination, row["receipt"], now)
    connection.execute(update(export_receipts).where(_receipts.receipt == row["receipt"]).values(**values))


def _tell_again(connection: Connection, destination: Destination, receipt: str, now: datetime) -> None:
    """Add a version of every event of a receipt that is still the newest, with the identifiers that are kept."""
    newer = export_events.alias("newer")
    asked = (
        select(export_events, export_people.c.sealed)
        .join(export_people, export_people.c.lead_id == _events.lead_id)
        .where(
            _events.destination == destination.name,
            _events.receipt == receipt,
            _events.version < MOST_VERSIONS,
            ~select(newer.c.event_id)
            .where(newer.c.transaction_id == _events.transaction_id, newer.c.destination == _events.destination)
            .where(newer.c.version > _events.version)
            .exists(),
        )
    )
    rows = []
    for row in map(dict, connection.execute(asked).mappings()):
        kept = {name: row[name] for name in ("value", "currency", "expected", "model_version")}
        again = later_version(now, destination.limits, row, EventKind.RESTATEMENT, payload=row["sealed"], **kept)
        rows.append({**again, "not_before": stamp(now + AGAIN_AFTER), "code": "told-again"})
    outbox.add(connection, {"export_events": rows})


def differences(connection: Connection, now: datetime) -> Iterator[Difference]:
    """Yield how far what was processed lies from what was taken, for receipts of more than 72 hours ago."""
    asked = (
        select(_receipts.destination, func.sum(_receipts.events), func.sum(func.coalesce(_receipts.processed, 0)))
        .where(_receipts.sent_at < stamp(now - SETTLED_AFTER))
        .group_by(_receipts.destination)
    )
    for destination, events, processed in connection.execute(asked):
        yield Difference(destination, int(events), int(processed), "processed")


def against_report(connection: Connection, destination: str, report: Path, now: datetime) -> list[Difference]:
    """Hold a platform's own report against the ledger, day by day; days of the last 72 hours are left out.

    Parameters
    ----------
    connection
        Of the store.
    destination
        The platform.
    report
        CSV with the columns `day` (ISO), `conversions` and, if wanted, `value`.
    now
        Aware.

    Raises
    ------
    InputError
        Where the file is not such a report.
    """
    shown = _read(report)
    counted = select(func.substr(_events.happened_at, 1, 10), func.count(func.distinct(_events.transaction_id))).where(
        _events.destination == destination,
        _events.state.in_([state.value for state in outbox.TOLD]),
        _events.kind != EventKind.RETRACTION.value,
    )
    by_day = counted.group_by(func.substr(_events.happened_at, 1, 10))
    told: dict[str, int] = dict(connection.execute(by_day).all())
    last = (now - SETTLED_AFTER).date()
    days = sorted(day for day in shown if day <= last)
    return [Difference(f"{destination} {day}", int(told.get(day.isoformat(), 0)), shown[day], "shown") for day in days]


def _read(report: Path) -> dict[date, int]:
    try:
        with report.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"day", "conversions"} <= set(reader.fieldnames or ()):
                raise InputError(f"{report} has the columns {reader.fieldnames}", allowed=", ".join(COLUMNS))
            found: dict[date, int] = {}
            for line, row in enumerate(reader, start=2):
                try:
                    day = date.fromisoformat(row["day"])
                    found[day] = found.get(day, 0) + round(Decimal(row["conversions"]))
                except (ValueError, InvalidOperation, TypeError):
                    raise InputError(
                        f"{report}, line {line} cannot be read", allowed="day as 2026-03-01, conversions as a number"
                    ) from None
    except OSError as error:
        raise InputError(f"{report} cannot be read: {error.strerror}", do="name the report") from None
    return found
