"""The decision log: one row per score that was given."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

from leadworth.records import SCORE_COLUMNS, Reason, Score
from serving.ids import new_id
from serving.store.tables import decisions

if TYPE_CHECKING:
    from sqlalchemy import Connection

Row = dict[str, Any]

_reasons = TypeAdapter(tuple[Reason, ...])
# As text: SQLAlchemy's work on each row costs more than the row.
_INSERTS = {
    name: str(d.insert(decisions).on_conflict_do_nothing().compile(dialect=dialect))
    for name, d, dialect in (
        ("sqlite", sqlite, sqlite.dialect(paramstyle="named")),
        ("postgresql", postgresql, psycopg.dialect()),  # type: ignore[no-untyped-call]
    )
}
_COLUMNS = [decisions.c[name] for name in ("lead_id", *SCORE_COLUMNS)]


def decision_id() -> str:
    """Return a new id of 32 hexadecimal digits; later ones sort behind earlier ones.

    Examples
    --------
    >>> first, second = decision_id(), decision_id()
    >>> len(first), first[:16] <= second[:16]
    (32, True)
    """
    return f"{time.time_ns():016x}{new_id(64)}"


def row_of(
    score: Mapping[str, Any], *, bundle_id: str, features_hash: str, request_id: str, idempotency_key: str | None
) -> Row:
    """Return the row that keeps a score; it holds no field of the lead but its id."""
    return {
        **score,
        "decision_id": decision_id(),
        "scored_at": score["scored_at"].isoformat(timespec="microseconds"),
        "bundle_id": bundle_id,
        "features_hash": features_hash,
        "request_id": request_id,
        "idempotency_key": idempotency_key,
    }


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Write rows; one that is there already is left as it is, so a repeated write does no harm."""
    connection.exec_driver_sql(_INSERTS[connection.dialect.name], list(rows))


def latest(connection: Connection, lead_id: str) -> Score | None:
    """Return the newest score of a lead, or None where it was never scored."""
    newest = select(*_COLUMNS).where(decisions.c.lead_id == lead_id).order_by(decisions.c.decision_id.desc()).limit(1)
    found = connection.execute(newest).mappings().first()
    if found is None:
        return None
    return Score.model_validate({**found, "reasons": _reasons.validate_json(found["reasons"])})
