"""How tests run a service: with a small real bundle and a registry of folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from leadworth.errors import RegistryError
from leadworth.settings import Settings
from serving.api_keys import create
from serving.app import create_app
from serving.champion import Champion


class FolderRegistry:
    """A registry in folders, which can be away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.alias = "1"
        self.away = False
        self.fetched: list[str] = []

    def resolve(self, alias: str) -> str:
        assert alias == "champion"
        self._answer()
        return self.alias

    def fetch(self, version: str, to: Path) -> Path:
        self._answer()
        target = to / f"leadworth-{version}"
        if not target.is_dir():
            self.fetched.append(version)
            shutil.copytree(self.folder / version, target)
        return target

    def _answer(self) -> None:
        if self.away:
            raise RegistryError("the registry is away")


def settings_in(folder: Path, **serving: object) -> Settings:
    """Return settings of a service without API keys that looks at the registry often."""
    given = {"api_keys": False, "reload_seconds": 0.1, **serving}
    return Settings(currency="EUR", leads={}, serving=given, folder=folder)


@contextmanager
def client_of(settings: Settings, registry: FolderRegistry) -> Iterator[TestClient]:
    """Run a service in this process."""
    champion = Champion(registry, settings.folder / "bundles", settings.serving.reload_seconds)
    app = create_app(settings, champion=champion)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def key_of(client: TestClient, *scopes: str) -> str:
    """Make an API key in the store of a service."""
    with client.app.state.store.engine.begin() as connection:
        return create(connection, "test", scopes)[1]
