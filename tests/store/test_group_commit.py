"""Group commit: every row is written, and none is lost while the database is unavailable."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadworth.errors import StoreError
from store import decision_log
from store.decision_store import DecisionStore
from store.engine import open_engine
from store.group_commit import WriteResult
from store.spool import StoreEntry
from tests.store.rows import decision_row
from tests.store.silent_proxy import proxied


def count(url: str) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one()
    engine.dispose()
    return int(rows)


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DecisionStore]:
    monkeypatch.setattr("store.group_commit.RETRY_SECONDS", 0.2)
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
    assert asyncio.run(store.keep(StoreEntry([decision_row("A")]))) is WriteResult.SPOOLED
    assert store.away is not None
    assert asyncio.run(store.keep(StoreEntry([decision_row("B")]))) is WriteResult.SPOOLED
    with pytest.raises(StoreError):
        asyncio.run(store.read(lambda connection: decision_log.latest(connection, "A")))
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
    assert asyncio.run(away.keep(StoreEntry([decision_row("A"), decision_row("B")]))) is WriteResult.SPOOLED
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
    assert asyncio.run(store.keep(StoreEntry([decision_row()]))) is WriteResult.SPOOLED
    assert time.monotonic() - start < 0.5
    store.stop()


def test_silent_server_is_noticed_and_its_entries_are_on_the_disk(
    migrated_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.bounded_connection.ANSWER_SECONDS", 2.0)
    monkeypatch.setattr("store.group_commit.PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr("store.group_commit.RETRY_SECONDS", 0.2)
    with proxied(migrated_postgres) as (proxy, url):
        store = DecisionStore(url, spool=tmp_path / "spool")
        store.start()
        assert asyncio.run(store.keep(StoreEntry([decision_row("A")]))) is WriteResult.COMMITTED
        proxy.silent = True
        began = time.monotonic()
        assert asyncio.run(store.keep(StoreEntry([decision_row("B")]))) is WriteResult.SPOOLED
        assert time.monotonic() - began < 2
        assert store.away == "slow"
        began = time.monotonic()
        assert asyncio.run(store.keep(StoreEntry([decision_row("C")]))) is WriteResult.SPOOLED
        assert time.monotonic() - began < 0.5
        [path] = (tmp_path / "spool").glob("*.jsonl")
        assert [name in path.read_text() for name in ('"lead_id":"B"', '"lead_id":"C"')] == [True, True]
        proxy.silent = False
        until_back(store)
        assert count(url) == 3
        store.stop()
    assert not list((tmp_path / "spool").glob("*.jsonl"))


def test_locked_database_is_noticed_and_its_entries_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.group_commit.PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr("store.group_commit.RETRY_SECONDS", 0.2)
    url = f"sqlite:///{tmp_path}/store.db"
    store = DecisionStore(url, spool=tmp_path / "spool")
    store.start()
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("BEGIN EXCLUSIVE")
        assert asyncio.run(store.keep(StoreEntry([decision_row("A")]))) is WriteResult.SPOOLED
        assert '"lead_id":"A"' in next((tmp_path / "spool").glob("*.jsonl")).read_text()
        assert store.away is not None
        other.rollback()
    other.close()
    until_back(store)
    store.stop()
    assert count(url) == 1


def test_full_spool_loses_the_entry_and_recovers_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.group_commit.RETRY_SECONDS", 0.1)
    store = DecisionStore(f"sqlite:///{tmp_path}/absent/store.db", spool=tmp_path / "spool")
    store.start()
    monkeypatch.setattr(store._writer._spool, "limit_bytes", 10)
    assert asyncio.run(store.keep(StoreEntry([decision_row("A")]))) is WriteResult.LOST
    assert store.spool_error == "OSError"
    monkeypatch.setattr(store._writer._spool, "limit_bytes", 1 << 20)
    end = time.monotonic() + 5
    while store.spool_error is not None:
        assert time.monotonic() < end
        time.sleep(0.02)
    store.stop()
