"""Deleted rows leave the files of the database."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete

from store import decision_log
from store.deleted_bytes import close_to_others, overwrite_deleted, purge
from store.engine import open_engine
from store.migrate import upgrade
from store.schema import decisions
from tests.store.rows import decision_row

MARK = "Marinelli-4711"


def test_bytes_are_gone_from_file_and_log(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/s.db")
    upgrade(engine)
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row(MARK) for _ in range(50)])
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert MARK.encode() in held
    with engine.connect() as connection:
        overwrite_deleted(connection)
        connection.execute(delete(decisions))
        connection.commit()
    assert purge(engine, (decisions,)) is None
    assert MARK.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    engine.dispose()


@pytest.mark.slow  # waits five seconds for the reader
def test_a_reader_that_goes_on_is_named(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/s.db")
    upgrade(engine)
    with engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT count(*) FROM decisions").all()
        with engine.begin() as connection:
            decision_log.insert(connection, [decision_row(MARK)])
        assert purge(engine, (decisions,)) is not None
    engine.dispose()


def test_every_kind_of_database_can_be_purged(engine: Engine) -> None:
    assert purge(engine, (decisions,)) is None


def test_other_users_lose_their_permissions(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/s.db")
    upgrade(engine)
    file = tmp_path / "s.db"
    file.chmod(0o664)
    assert "s.db" in close_to_others(engine)
    assert stat.S_IMODE(file.stat().st_mode) == 0o660
    assert close_to_others(engine) == []
    engine.dispose()
