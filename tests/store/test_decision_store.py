"""Asynchronous access to the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadworth.errors import StoreError
from store import approvals, decision_log
from store.decision_store import DecisionStore
from store.spool import StoreEntry
from tests.store.rows import NOW, decision_row


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[DecisionStore]:
    store = DecisionStore(store_url, spool=tmp_path / "spool")
    store.start()
    yield store
    store.stop()


def test_newest_decision_is_read(store: DecisionStore) -> None:
    async def both() -> object:
        await store.keep(StoreEntry([decision_row("A", win_probability=0.1)]))
        await store.keep(StoreEntry([decision_row("A", win_probability=0.7), decision_row("B")]))
        return await store.read(lambda connection: decision_log.latest(connection, "A"))

    assert asyncio.run(both()).win_probability == 0.7  # type: ignore[attr-defined]


def test_change_is_committed_and_a_failed_one_is_not(store: DecisionStore) -> None:
    def fail(connection: sa.Connection) -> None:
        approvals.approve(connection, "2", "ada", NOW)
        connection.execute(sa.text("SELECT * FROM missing"))

    asyncio.run(store.write(lambda connection: approvals.approve(connection, "1", "ada", NOW)))
    with pytest.raises(StoreError, match="did not answer"):
        asyncio.run(store.write(fail))
    assert asyncio.run(store.read(approvals.approved_versions)) == {"1"}
