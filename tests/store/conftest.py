"""A migrated store on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from store.engine import open_engine
from store.migrate import upgrade


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """Engine of a migrated, empty store."""
    engine = open_engine(store_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Connection in a transaction to a migrated, empty store."""
    with engine.begin() as connection:
        yield connection
