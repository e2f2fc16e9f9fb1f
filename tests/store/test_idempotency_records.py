"""Stored responses by Idempotency-Key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import idempotency_records
from store.idempotency_records import StoredAnswer
from store.timestamps import stamp


def answer(key: str, hours_ago: float) -> StoredAnswer:
    return StoredAnswer(key, "hash", b"body", stamp(datetime.now(UTC) - timedelta(hours=hours_ago)))


def test_first_response_to_a_key_is_kept_until_it_expires(connection: Connection) -> None:
    first = answer("k", 1)
    assert idempotency_records.keep(connection, first, hours=24)
    assert not idempotency_records.keep(connection, answer("k", 0), hours=24)
    assert idempotency_records.find(connection, "k", hours=24) == first
    assert idempotency_records.find(connection, "k", hours=0.5) is None
    assert idempotency_records.find(connection, "other", hours=24) is None
    assert idempotency_records.keep(connection, answer("k", 0), hours=0.5)


def test_expired_responses_are_deleted(connection: Connection) -> None:
    for key, hours in (("old", 30), ("new", 1)):
        assert idempotency_records.keep(connection, answer(key, hours), hours=48)
    assert idempotency_records.forget(connection, hours=24) == 1
    assert idempotency_records.find(connection, "new", hours=24) is not None
