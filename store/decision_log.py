"""The decision log: one row per score that was given."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

from leadworth.ids import new_id
from leadworth.records import SCORE_COLUMNS, Reason, Score
from store.schema import decisions

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


EMPTY: Row = dict.fromkeys(column.name for column in decisions.columns)
"""A row of nulls, to be filled."""


def decision_id() -> str:
    """Return a new id of 32 hexadecimal digits; later ones sort behind earlier ones.

    Examples
    --------
    >>> first, second = decision_id(), decision_id()
    >>> len(first), first[:16] <= second[:16]
    (32, True)
    """
    return f"{time.time_ns():016x}{new_id(64)}"


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


_LOGGED = ("decision_id", "scored_at", "model_version", "verdict", "would_be", "junk_probability", "mql")


def all_of(connection: Connection, lead_id: str) -> list[Row]:
    """Return all decisions about a lead, oldest first, in short."""
    rows = select(*(decisions.c[name] for name in _LOGGED)).where(decisions.c.lead_id == lead_id)
    return [dict(row) for row in connection.execute(rows.order_by(decisions.c.decision_id)).mappings()]


def replayable(connection: Connection, *, decision: str | None, lead: str | None, last: int | None) -> Iterator[Row]:
    """Yield decisions with all their columns, newest first: one, those of a lead, the last ones, or all."""
    rows = select(decisions).order_by(decisions.c.decision_id.desc())
    if decision is not None:
        rows = rows.where(decisions.c.decision_id == decision)
    if lead is not None:
        rows = rows.where(decisions.c.lead_id == lead)
    if last is not None:
        rows = rows.limit(last)
    for row in connection.execution_options(yield_per=1_000).execute(rows).mappings():
        yield dict(row)
