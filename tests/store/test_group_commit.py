"""The store takes every row, and loses none while it is away."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadworth.errors import ConfigurationError, StoreError
from store import decision_log
from store.decision_store import DecisionStore
from store.engine import open_engine
from store.group_commit import WriteResult
from store.migrate import revisions, upgrade
from store.row_ids import new_row_id
from store.schema import metadata
from store.spool import Spool, StoreEntry


def row(lead_id: str = "A", **changed: object) -> decision_log.Row:
    made = {
        "decision_id": new_row_id(), "lead_id": lead_id, "scored_at": datetime.now(UTC).isoformat(),
        "model_version": "1", "bundle_id": "b", "features_hash": "f", "win_probability": 0.1, "expected_revenue": 2.0,
        "predicted_value": 0.2, "currency": "EUR", "junk_probability": 0.0, "automation_probability": 0.0,
        "verdict": "accept", "mql": True, "mql_reason": "", "reasons": "[]", "request_id": "r",
        "idempotency_key": None,
    }  # fmt: skip
    return decision_log.EMPTY | made | changed


def count(url: str) -> int:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one()
    engine.dispose()
    return int(found)


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


def test_rows_are_committed_before_the_answer(store: DecisionStore, store_url: str) -> None:
    async def many() -> list[WriteResult]:
        return await asyncio.gather(*(store.keep(StoreEntry([row(str(n))])) for n in range(200)))

    assert set(asyncio.run(many())) == {WriteResult.COMMITTED}
    assert count(store_url) == 200


def test_the_newest_decision_is_found(store: DecisionStore) -> None:
    async def both() -> object:
        await store.keep(StoreEntry([row("A", win_probability=0.1)]))
        await store.keep(StoreEntry([row("A", win_probability=0.7), row("B")]))
        return await store.latest("A")

    assert asyncio.run(both()).win_probability == 0.7  # type: ignore[attr-defined]


def test_the_migrations_make_the_tables_of_the_code(store: DecisionStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert len(set(revisions(store.engine))) == 1
    upgrade(store.engine)


def test_a_store_of_a_newer_version_is_refused(store: DecisionStore) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer leadworth"):
        upgrade(store.engine)


def test_a_refused_value_costs_only_its_own_row(store: DecisionStore, store_url: str) -> None:
    async def three() -> list[WriteResult]:
        return await asyncio.gather(
            *(store.keep(StoreEntry([row(str(n), currency=None if n == 1 else "EUR")])) for n in range(3))
        )

    assert asyncio.run(three()) == [WriteResult.COMMITTED, WriteResult.LOST, WriteResult.COMMITTED]
    assert count(store_url) == 2
    assert store.away is None


def test_rows_wait_while_the_tables_are_gone(store: DecisionStore, store_url: str, tmp_path: Path) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE decisions RENAME TO hidden")
    assert asyncio.run(store.keep(StoreEntry([row("A")]))) is WriteResult.WAITING
    assert store.away is not None
    assert asyncio.run(store.keep(StoreEntry([row("B")]))) is WriteResult.WAITING
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


def test_a_stop_leaves_what_waits_to_the_next_start(tmp_path: Path) -> None:
    away = DecisionStore(f"sqlite:///{tmp_path}/absent/store.db", spool=tmp_path / "spool")
    away.start()
    assert asyncio.run(away.keep(StoreEntry([row("A"), row("B")]))) is WriteResult.WAITING
    away.stop()
    assert list((tmp_path / "spool").glob("*.jsonl"))
    url = f"sqlite:///{tmp_path}/store.db"
    back = DecisionStore(url, spool=tmp_path / "spool")
    back.start()
    back.stop()
    assert count(url) == 2
    assert not list((tmp_path / "spool").glob("*.jsonl"))


def test_a_server_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    store = DecisionStore("postgresql://nobody@127.0.0.1:9/none", spool=tmp_path / "spool")
    store.start()
    start = time.monotonic()
    assert asyncio.run(store.keep(StoreEntry([row()]))) is WriteResult.WAITING
    assert time.monotonic() - start < 0.5
    store.stop()


def test_a_full_spool_says_that_rows_are_lost(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit_bytes=1000)
    spool.append([StoreEntry([row()])])
    with pytest.raises(OSError, match="1000 bytes"):
        spool.append([StoreEntry([row()])])
    spool.release()


def test_a_torn_line_costs_only_itself(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([StoreEntry([row("A")]), StoreEntry([row("B")])])
    spool.release()
    [path] = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"rows": [{"decision')
    taken: list[StoreEntry] = []
    assert Spool(tmp_path).drain(taken.extend) == 2
    assert [entry.rows[0]["lead_id"] for entry in taken] == ["A", "B"]


def test_the_spool_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    living = Spool(tmp_path)
    living.append([StoreEntry([row()])])
    assert Spool(tmp_path).drain(list) == 0
    assert living.drain(list) == 1


def test_a_spool_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([StoreEntry([row()])])
    [path] = tmp_path.glob("*.jsonl")
    assert os.stat(path).st_mode & 0o077 == 0
    spool.release()


@pytest.mark.parametrize("url", ["mysql://me:secret@host/db", "not a url", "nosuch://host"])
def test_an_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        open_engine(url)
    assert "secret" not in str(refused.value)


def test_a_sqlite_file_takes_readers_beside_its_writer(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    assert isinstance(engine, sa.Engine)
    engine.dispose()
