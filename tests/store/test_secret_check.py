"""A store accepts the secret that it was written with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from leadworth.errors import ConfigurationError
from leadworth.key_derivation import KEY_FILE
from leadworth.settings import Settings
from store import decision_log
from store.engine import open_engine, open_store
from store.migrate import upgrade
from store.schema import secret_fingerprints
from tests.store.rows import decision_row
from tests.store.test_migrate import move


def settings_of(url: str, folder: Path, secret: str | None) -> Settings:
    given = SecretStr(secret * 32) if secret else None
    return Settings(currency="EUR", leads={}, serving={"store": url}, folder=folder, secret=given)


def store_lead(settings: Settings) -> None:
    """Score a lead with a secret."""
    with open_store(settings, migrate=True) as engine, engine.begin() as connection:
        decision_log.insert(connection, [decision_row()])


@pytest.mark.parametrize("migrate", [True, False])
def test_another_secret_is_refused_once_leads_are_stored(store_url: str, tmp_path: Path, *, migrate: bool) -> None:
    store_lead(settings_of(store_url, tmp_path, "a"))
    with (
        pytest.raises(ConfigurationError, match="written with another secret than LEADWORTH_SECRET"),
        open_store(settings_of(store_url, tmp_path, "b"), migrate=migrate),
    ):
        pass
    with open_store(settings_of(store_url, tmp_path, "a"), migrate=migrate):
        pass


@pytest.mark.parametrize("migrate", [True, False])
def test_a_key_file_that_is_gone_is_named_and_not_replaced(store_url: str, tmp_path: Path, *, migrate: bool) -> None:
    settings = settings_of(store_url, tmp_path, None)
    store_lead(settings)
    (tmp_path / KEY_FILE).rename(tmp_path / "moved")
    with pytest.raises(ConfigurationError, match=KEY_FILE), open_store(settings, migrate=migrate):
        pass
    assert not (tmp_path / KEY_FILE).exists()
    (tmp_path / "moved").rename(tmp_path / KEY_FILE)
    with open_store(settings, migrate=migrate):
        pass


def test_a_store_without_leads_takes_another_secret(store_url: str, tmp_path: Path) -> None:
    with open_store(settings_of(store_url, tmp_path, None), migrate=True):
        pass
    with open_store(settings_of(store_url, tmp_path, "a")):  # such as `leadworth doctor`
        pass
    store_lead(settings_of(store_url, tmp_path, "a"))
    with pytest.raises(ConfigurationError), open_store(settings_of(store_url, tmp_path, None)):
        pass


def test_an_older_store_goes_on_with_the_secret_of_the_next_command(store_url: str, tmp_path: Path) -> None:
    engine = open_engine(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row()])
    move(engine, "0017")
    with open_store(settings_of(store_url, tmp_path, "b")):  # reads, and is not asked
        pass
    with open_store(settings_of(store_url, tmp_path, "a"), migrate=True):
        pass
    with pytest.raises(ConfigurationError), open_store(settings_of(store_url, tmp_path, "b")):
        pass
    with engine.begin() as connection:  # as docs/how-to/operate.md says
        connection.execute(sa.delete(secret_fingerprints))
    with open_store(settings_of(store_url, tmp_path, "b"), migrate=True):
        pass
    engine.dispose()


def test_of_processes_with_different_secrets_one_is_first(store_url: str, tmp_path: Path) -> None:
    engine = open_engine(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        decision_log.insert(connection, [decision_row()])

    def opens(secret: str) -> bool:
        try:
            with open_store(settings_of(store_url, tmp_path, secret), migrate=True):
                return True
        except ConfigurationError:
            return False

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(opens, "abababab"))
    assert results[::2] in ([True] * 4, [False] * 4)
    assert results[1::2] == [not result for result in results[::2]]
    engine.dispose()
