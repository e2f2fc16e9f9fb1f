"""Opening the store's database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadworth.errors import ConfigurationError, StoreError
from leadworth.settings import Settings
from store.engine import database_time, is_new, open_engine, open_store


def settings_of(url: str, folder: Path) -> Settings:
    return Settings(currency="EUR", leads={}, serving={"store": url}, folder=folder)


@pytest.mark.parametrize("url", ["mysql://me:secret@host/db", "not a url", "nosuch://host"])
def test_url_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        open_engine(url)
    assert "secret" not in str(refused.value)


def test_sqlite_file_has_readers_while_one_writes(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    engine.dispose()


@pytest.mark.usefixtures("made_stores")
def test_store_is_new_until_it_is_migrated(new_url: str, tmp_path: Path) -> None:
    settings = settings_of(new_url, tmp_path)
    with open_store(settings) as engine:
        assert is_new(engine)
    assert not (tmp_path / "store.db").exists()
    with open_store(settings, migrate=True) as engine:
        assert not is_new(engine)


def test_database_error_in_the_block_is_a_store_error(new_url: str, tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match="did not answer"),
        open_store(settings_of(new_url, tmp_path)) as engine,
        engine.connect() as connection,
    ):
        connection.execute(sa.text("SELECT * FROM missing"))


def test_time_of_the_database(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert abs((database_time(connection) - datetime.now(UTC)).total_seconds()) < 5
