"""What would be sent, without sending: prepared, held against the platforms' types, and shown with nobody in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from conversions.delivery_errors import EventRejected
from conversions.delivery_results import Payload
from leadworth.platform_catalog import platforms
from leadworth.privacy import REDACTED
from store.outbox import WAITING
from store.schema import export_events

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversions.export_worker import ExportWorker

MOST = 2_000
WOULD_BE = "would be sent"


@dataclass
class DryRunResult:
    """What came of it.

    Attributes
    ----------
    counts
        (platform, what would become of it) -> events.
    report
        Platform -> events as they would be sent, redacted.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    report: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def rehearsal(engine: Engine, workers: Sequence[ExportWorker]) -> DryRunResult:
    """Prepare what waits, for each platform the oldest two thousand; nothing is taken, sent or changed."""
    found = DryRunResult()
    for worker in workers:
        name, now = worker.destination.name, datetime.now(UTC)
        waiting = (
            select(export_events)
            .where(
                export_events.c.destination == name, export_events.c.state.in_([state.value for state in WAITING])
            )
            .order_by(export_events.c.not_before)
            .limit(MOST)
        )  # fmt: skip
        with engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(waiting).mappings()]
            prepared = worker.prepare(connection, rows, now)
        found.counts.update((name, f"{row['state']}: {row['code']}") for row in prepared.settled)
        shown = found.report.setdefault(name, [])
        for row, payload, told in prepared.ready:
            what = _serialised(worker, payload)
            found.counts[name, what] += 1
            shown.append(
                {"stage": row["stage"], "kind": row["kind"], "version": row["version"], "told": str(told),
                 "not_before": row["not_before"], "body": redacted(payload.body, platforms()[name].shown_fields)}
            )  # fmt: skip
    return found


def _serialised(worker: ExportWorker, payload: Payload) -> str:
    try:
        worker.destination.validate(payload)
        worker.destination.send([payload], dry_run=True)
    except EventRejected as refused:
        return f"{refused.state.value}: {refused.code}"
    return WOULD_BE


def redacted(body: Mapping[str, Any], shown: Set[str]) -> dict[str, Any]:
    """Return a payload with every text blanked that may say something of a person.

    Examples
    --------
    >>> body = {"event_id": "lw-1", "user_data": {"em": ["8b26"], "lead_id": 123}, "custom_data": {"value": 2.0}}
    >>> redacted(body, {"event_id"})
    {'event_id': 'lw-1', 'user_data': {'em': ['[redacted]'], 'lead_id': '[redacted]'}, 'custom_data': {'value': 2.0}}
    """
    return {name: _blank(name, value, shown) for name, value in body.items()}


def _blank(name: str, value: Any, shown: Set[str]) -> Any:
    if isinstance(value, Mapping):
        return redacted(value, shown)
    if isinstance(value, list):
        return [_blank(name, one, shown) for one in value]
    if isinstance(value, bool | float) or value is None or name in shown:
        return value
    return value if isinstance(value, int) and "id" not in name else REDACTED
