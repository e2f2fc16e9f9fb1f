"""Dry run: prepare waiting events, validate them against the platform's schema, redact personal data; send nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conversions.delivery_errors import EventRejected
from leadworth.platform_catalog import platforms
from leadworth.privacy import REDACTED
from store.outbox_queries import waiting_events

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from conversions.delivery_results import Payload
    from conversions.destination import Destination
    from conversions.export_worker import ExportWorker

EVENT_LIMIT = 2_000
WOULD_BE_SENT = "would be sent"


@dataclass
class DryRunResult:
    """Result of a dry run.

    Attributes
    ----------
    counts
        (platform, result) -> events.
    report
        Platform -> events as they would be sent, redacted.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    report: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def dry_run(engine: Engine, workers: Sequence[ExportWorker]) -> DryRunResult:
    """Prepare up to 2,000 waiting events per platform, the earliest due first; nothing is leased, sent or changed."""
    result = DryRunResult()
    for worker in workers:
        name = worker.destination.name
        with engine.connect() as connection:
            rows = waiting_events(connection, name, EVENT_LIMIT)
            batch = worker.preparation.prepare(connection, rows, datetime.now(UTC))
        result.counts.update((name, f"{refused.state}: {refused.code}") for refused in batch.results)
        shown = result.report.setdefault(name, [])
        for event in batch.events:
            result.counts[name, _validate(worker.destination, event.payload)] += 1
            columns = {column: event.row[column] for column in ("stage", "kind", "version", "not_before")}
            body = redacted(event.payload.body, platforms()[name].shown_fields)
            shown.append({**columns, "sent_value": str(event.value), "body": body})
    return result


def _validate(destination: Destination, payload: Payload) -> str:
    """Validate and serialise a payload; return what would happen to it."""
    try:
        destination.validate(payload)
        destination.send([payload], dry_run=True)
    except EventRejected as refused:
        return f"{refused.state.value}: {refused.code}"
    return WOULD_BE_SENT


def redacted(body: Mapping[str, Any], shown_fields: Set[str]) -> dict[str, Any]:
    """Return a payload in which every text is redacted that may be personal.

    Examples
    --------
    >>> body = {"event_id": "lw-1", "user_data": {"em": ["8b26"], "lead_id": 123}, "custom_data": {"value": 2.0}}
    >>> redacted(body, {"event_id"})
    {'event_id': 'lw-1', 'user_data': {'em': ['[redacted]'], 'lead_id': '[redacted]'}, 'custom_data': {'value': 2.0}}
    """
    return {name: _redact(name, value, shown_fields) for name, value in body.items()}


def _redact(name: str, value: Any, shown_fields: Set[str]) -> Any:
    if isinstance(value, Mapping):
        return redacted(value, shown_fields)
    if isinstance(value, list):
        return [_redact(name, item, shown_fields) for item in value]
    if isinstance(value, bool | float) or value is None or name in shown_fields:
        return value
    return value if isinstance(value, int) and "id" not in name else REDACTED
