"""Rows for tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store import decision_log, outbox
from store.row_ids import new_row_id
from store.timestamps import stamp

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def decision_row(lead_id: str = "A", **columns: object) -> decision_log.Row:
    """Return a decision; `columns` override."""
    row = {
        "decision_id": new_row_id(),
        "lead_id": lead_id,
        "scored_at": datetime.now(UTC).isoformat(),
        "model_version": "1",
        "bundle_id": "b",
        "features_hash": "f",
        "win_probability": 0.1,
        "expected_revenue": 2.0,
        "predicted_value": 0.2,
        "currency": "EUR",
        "junk_probability": 0.0,
        "automation_probability": 0.0,
        "verdict": "accept",
        "mql": True,
        "mql_reason": "",
        "reasons": "[]",
        "request_id": "r",
        "idempotency_key": None,
    }
    return decision_log.EMPTY | row | columns


def event(lead_id: str = "A", version: int = 1, **columns: Any) -> outbox.Row:
    """Return an event that is due at `NOW`; `columns` override."""
    defaults: dict[str, Any] = {
        "destination": "meta",
        "stage": "lead",
        "transaction_id": f"lw-{lead_id}-lead",
        "kind": "conversion",
        "value": "10.00",
        "currency": "EUR",
        "expected": True,
        "payload": "encrypted",
        "model_version": "1",
        "channel": "search",
        "happened_at": stamp(NOW - timedelta(hours=8)),
        "not_before": stamp(NOW - timedelta(hours=1)),
        "expires_at": stamp(NOW + timedelta(days=7)),
    }
    return outbox.event_row(NOW, **{**defaults, "lead_id": lead_id, "version": version, **columns})


def person(lead_id: str = "A", **columns: Any) -> outbox.Row:
    """Return the row of a lead's encrypted identifiers; `columns` override."""
    return {
        "lead_id": lead_id,
        "pseudonym": "p1",
        "sealed": f"sealed {lead_id}",
        "region": "DE",
        "submitted_at": stamp(NOW - timedelta(hours=8)),
        "keep_until": stamp(NOW + timedelta(days=90)),
        **columns,
    }


def entry(lead_id: str = "A", **columns: Any) -> outbox.Row:
    """Return the entry of a lead in the index of persons; `columns` override."""
    row = {
        "lead_id": lead_id,
        "email": None,
        "phone": None,
        "velocity_person": 1,
        "velocity_at": int((NOW - timedelta(hours=8)).timestamp()) * 1_000_000,
        **columns,
    }
    return {"entry_id": sha256(repr(row).encode()).hexdigest()[:32], **row}


def vector_rows(bundle_id: str, matrix: NDArray[np.float64]) -> list[decision_log.Row]:
    """Return decisions of a bundle with these features, shape (rows, n_features)."""
    return [decision_row(new_row_id(), bundle_id=bundle_id, vector=vector.astype("<f8").tobytes()) for vector in matrix]
