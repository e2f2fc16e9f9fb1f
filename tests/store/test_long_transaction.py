"""A job waits longer for a database than a request does."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from store import bounded_connection
from store.engine import open_engine
from store.long_transaction import LONGEST_SECONDS, long_transaction


def test_a_long_transaction_lifts_both_limits_and_brings_them_back(postgres: str) -> None:
    engine: Engine = open_engine(postgres)
    with long_transaction(engine) as connection:
        driver = connection.connection.driver_connection
        assert driver.answer_seconds == LONGEST_SECONDS  # type: ignore[union-attr]
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "0"
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver.answer_seconds == bounded_connection.ANSWER_SECONDS  # type: ignore[union-attr]
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "5s"
    engine.dispose()


def test_sqlite_has_no_such_limits(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    with long_transaction(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE made (one INTEGER)")
        connection.exec_driver_sql("INSERT INTO made VALUES (1)")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT one FROM made").scalar_one() == 1
    engine.dispose()
