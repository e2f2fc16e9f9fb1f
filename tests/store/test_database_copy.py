"""Copies of the store, on SQLite and PostgreSQL, while others write."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadworth.errors import StoreError
from store import database_copy, decision_log, velocity_events
from store.database_copy import (
    StoreCopy,
    copy_sqlite,
    copy_store,
    describe_store,
    put_store,
    refuse_newer,
    refuse_store,
)
from store.engine import open_engine
from store.migrate import known_revisions, revisions, upgrade
from store.velocity_events import VelocityEvent
from tests.store.rows import decision_row
from tests.store.test_migrate import move


@pytest.fixture
def filled(store_url: str) -> Iterator[sa.Engine]:
    """Store with three decisions."""
    engine = open_engine(store_url)
    if engine.dialect.name == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("the client of PostgreSQL is not installed")
    upgrade(engine)
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(name) for name in "ABC"])
    yield engine
    engine.dispose()


def emptied(engine: sa.Engine, folder: Path) -> sa.URL:
    """Return the address of an empty place for a store of the same kind."""
    if engine.dialect.name == "sqlite":
        return sa.make_url(f"sqlite:///{folder / 'restored.db'}")
    with engine.begin() as connection:
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    return engine.url


def test_restored_store_has_the_rows_and_takes_new_ones(filled: sa.Engine, tmp_path: Path) -> None:
    copy = copy_store(filled.url, tmp_path / "copy")
    assert copy.rows["decisions"] == 3
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    empty = emptied(filled, tmp_path)
    refuse_newer(copy)
    refuse_store(copy, empty)
    assert put_store(tmp_path / "copy", copy, empty).rows == copy.rows
    engine = open_engine(empty.render_as_string(hide_password=False))
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row("D")])
        velocity_events.insert(connection, [VelocityEvent(1, 2, b"k", 3, None)], 1)
    assert describe_store(empty).rows == copy.rows | {"decisions": 4, "velocity_events": 1}
    with engine.connect() as connection:
        stored = decision_log.replayable(connection, decision=None, lead=None, last=9)
        assert {row["lead_id"] for row in stored} == set("ABCD")
    engine.dispose()


def test_copy_of_an_older_version_is_migrated(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    move(engine, "0003")
    copy = copy_store(engine.url, tmp_path / "copy")
    engine.dispose()
    assert copy.revision == "0003"
    target = sa.make_url(f"sqlite:///{tmp_path / 'restored.db'}")
    assert put_store(tmp_path / "copy", copy, target).revision == known_revisions()[-1]
    restored = open_engine(str(target))
    assert len(set(revisions(restored))) == 1
    restored.dispose()


def test_copy_of_a_newer_version_is_refused() -> None:
    copy = StoreCopy(kind="sqlite", revision="9999", rows={})
    with pytest.raises(StoreError, match=r"newer leadworth.*revision 9999"):
        refuse_newer(copy)


def test_a_filled_postgresql_and_another_kind_are_refused(filled: sa.Engine) -> None:
    copy = describe_store(filled.url)
    other = "postgresql" if copy.kind == "sqlite" else "sqlite"
    with pytest.raises(StoreError, match="the settings name"):
        refuse_store(copy.model_copy(update={"kind": other}), filled.url)
    if copy.kind == "postgresql":
        with pytest.raises(StoreError, match=r"already has .* tables"):
            refuse_store(copy, filled.url)


def test_a_missing_pg_dump_is_said(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(postgres)
    upgrade(engine)
    monkeypatch.setattr(database_copy.shutil, "which", lambda name: None)
    with pytest.raises(StoreError, match=r"pg_dump is not installed.*postgresql-client"):
        copy_store(engine.url, tmp_path / "copy")
    engine.dispose()


def test_a_copy_with_other_rows_is_an_error(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    copy = copy_store(engine.url, tmp_path / "copy")
    engine.dispose()
    wrong = copy.model_copy(update={"rows": copy.rows | {"decisions": 5}})
    with pytest.raises(StoreError, match="other row counts"):
        put_store(tmp_path / "copy", wrong, sa.make_url(f"sqlite:///{tmp_path / 'restored.db'}"))


def test_copy_has_what_is_only_in_the_write_ahead_log_and_nothing_uncommitted(tmp_path: Path) -> None:
    source = tmp_path / "a b?.db"
    with closing(sqlite3.connect(source)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (x)")
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        writer.execute("INSERT INTO t VALUES (2)")
        copy_sqlite(source, tmp_path / "copy.db")
        with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
            assert copy.execute("SELECT x FROM t").fetchall() == [(1,)]
        with pytest.raises(StoreError, match="is in use"):
            database_copy.refuse_in_use(source)
    database_copy.refuse_in_use(source)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="could not be copied"):
        copy_sqlite(tmp_path / "x.db", tmp_path / "copy.db")
