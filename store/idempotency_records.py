"""Stored responses by Idempotency-Key: a repeated request gets the same response."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from store.insert_ignore import insert_ignore
from store.schema import answers
from store.timestamps import stamp

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class StoredAnswer:
    """Response to a request with an Idempotency-Key.

    `key` is the sha256 digest of the caller, path and key, `body_hash` a keyed one of the request's body.
    """

    key: str
    body_hash: str
    body: bytes
    answered_at: str


def find(connection: Connection, key: str, hours: float) -> StoredAnswer | None:
    """Return the response to a key, or None if there is none or it is older than `hours`."""
    rows = select(answers).where(answers.c.key == key, answers.c.answered_at >= _cutoff(hours))
    row = connection.execute(rows).mappings().first()
    return StoredAnswer(**row) if row else None


def keep(connection: Connection, answer: StoredAnswer, hours: float) -> bool:
    """Write a response; return False if this key has one of the last `hours` already."""
    connection.execute(delete(answers).where(answers.c.key == answer.key, answers.c.answered_at < _cutoff(hours)))
    statement = insert_ignore(connection, answers).values(**vars(answer)).returning(answers.c.key)
    return connection.execute(statement).first() is not None


def forget(connection: Connection, hours: float) -> int:
    """Delete the responses older than `hours`; return how many there were."""
    return connection.execute(delete(answers).where(answers.c.answered_at < _cutoff(hours))).rowcount


def _cutoff(hours: float) -> str:
    return stamp(datetime.now(UTC) - timedelta(hours=hours))
