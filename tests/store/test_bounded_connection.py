"""A PostgreSQL server that does not answer is given up."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from store import bounded_connection
from store.engine import open_engine
from tests.store.silent_proxy import proxied


def test_a_silent_server_is_an_error_and_the_next_connection_works(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_connection.BoundedConnection, "answer_seconds", 0.3)
    with proxied(postgres) as (proxy, url):
        engine = open_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            proxy.silent = True
            began = time.monotonic()
            with pytest.raises(sa.exc.OperationalError, match="did not answer within"):
                connection.exec_driver_sql("SELECT 2")
            assert time.monotonic() - began < 3
        proxy.silent = False
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT 3").scalar_one() == 3
        engine.dispose()
