"""Group commit: every row is written, and none is lost while the database is unavailable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadworth.errors import StoreError
from store.decision_store import DecisionStore
from store.engine import open_engine
from store.group_commit import WriteResult
from store.spool import StoreEntry
from tests.store.rows import decision_row


def count(url: str) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one()
    engine.dispose()
    return int(rows)


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[DecisionStore]:
    store = DecisionStore(store_url, spool=tmp_path / "spool")
    store.start()
    yield store
    store.stop()


def until_back(store: DecisionStore) -> None:
    end = time.monotonic() + 15
    while store.away is not None:
        assert time.monotonic() < end, "the store did not come back"
        time.sleep(0.05)


def test_rows_are_committed_before_the_response(store: DecisionStore, store_url: str) -> None:
    async def many() -> list[WriteResult]:
        return await asyncio.gather(*(store.keep(StoreEntry([decision_row(str(n))])) for n in range(200)))

    assert set(asyncio.run(many())) == {WriteResult.COMMITTED}
    assert count(store_url) == 200


def test_refused_value_loses_only_its_own_row(store: DecisionStore, store_url: str) -> None:
    async def three() -> list[WriteResult]:
        return await asyncio.gather(
            *(store.keep(StoreEntry([decision_row(str(n), currency=None if n == 1 else "EUR")])) for n in range(3))
        )

    assert asyncio.run(three()) == [WriteResult.COMMITTED, WriteResult.LOST, WriteResult.COMMITTED]
    assert count(store_url) == 2
    assert store.away is None


def test_rows_wait_while_the_tables_are_missing(store: DecisionStore, store_url: str, tmp_path: Path) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE decisions RENAME TO hidden")
    assert asyncio.run(store.keep(StoreEntry([decision_row("A")]))) is WriteResult.WAITING
    assert store.away is not None
    assert asyncio.run(store.keep(StoreEntry([decision_row("B")]))) is WriteResult.WAITING
    with pytest.raises(StoreError):
        asyncio.run(store.latest("A"))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO decisions")
    until_back(store)
    end = time.monotonic() + 5
    while count(store_url) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert count(store_url) == 2
    assert not list((tmp_path / "spool").glob("*.jsonl"))


def test_waiting_rows_are_written_at_the_next_start(tmp_path: Path) -> None:
    away = DecisionStore(f"sqlite:///{tmp_path}/absent/store.db", spool=tmp_path / "spool")
    away.start()
    assert asyncio.run(away.keep(StoreEntry([decision_row("A"), decision_row("B")]))) is WriteResult.WAITING
    away.stop()
    assert list((tmp_path / "spool").glob("*.jsonl"))
    url = f"sqlite:///{tmp_path}/store.db"
    back = DecisionStore(url, spool=tmp_path / "spool")
    back.start()
    back.stop()
    assert count(url) == 2
    assert not list((tmp_path / "spool").glob("*.jsonl"))


def test_unavailable_server_does_not_delay_requests(tmp_path: Path) -> None:
    store = DecisionStore("postgresql://nobody@127.0.0.1:9/none", spool=tmp_path / "spool")
    store.start()
    start = time.monotonic()
    assert asyncio.run(store.keep(StoreEntry([decision_row()]))) is WriteResult.WAITING
    assert time.monotonic() - start < 0.5
    store.stop()
