"""Answers that are kept so that a repeated request gets the same one (Idempotency-Key)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from store.schema import answers

if TYPE_CHECKING:
    from sqlalchemy import Connection

_INSERTS = {
    name: dialect.insert(answers).on_conflict_do_nothing()
    for name, dialect in {"sqlite": sqlite, "postgresql": postgresql}.items()
}


@dataclass(frozen=True)
class StoredAnswer:
    """What was answered to a request that named an Idempotency-Key.

    `key` and `body_hash` are sha256 digests: of the caller, path and key, and of the request's body.
    """

    key: str
    body_hash: str
    body: bytes
    answered_at: str


def stamp(at: datetime) -> str:
    """Return a moment as the store writes it.

    Examples
    --------
    >>> stamp(datetime(2026, 3, 1, tzinfo=UTC))
    '2026-03-01T00:00:00.000000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def find(connection: Connection, key: str, hours: float) -> StoredAnswer | None:
    """Return the answer to a key, unless it is older than `hours`."""
    rows = select(answers).where(answers.c.key == key, answers.c.answered_at >= _cutoff(hours))
    found = connection.execute(rows).mappings().first()
    return StoredAnswer(**found) if found else None


def keep(connection: Connection, answer: StoredAnswer, hours: float) -> bool:
    """Write an answer; return False where this key was answered within the last `hours` already."""
    connection.execute(delete(answers).where(answers.c.key == answer.key, answers.c.answered_at < _cutoff(hours)))
    statement = _INSERTS[connection.dialect.name].values(**vars(answer)).returning(answers.c.key)
    return connection.execute(statement).first() is not None


def forget(connection: Connection, hours: float) -> int:
    """Delete the answers older than `hours`; return how many there were."""
    return connection.execute(delete(answers).where(answers.c.answered_at < _cutoff(hours))).rowcount


def _cutoff(hours: float) -> str:
    return stamp(datetime.now(UTC) - timedelta(hours=hours))
