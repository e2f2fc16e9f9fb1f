"""A running service with an outbox, a sandbox of the platforms and a cache, and the commands on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import typer
from redis import Redis
from sqlalchemy import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from conversions import export_command
from conversions.sandbox.peer_servers import Sandbox, variables
from leadworth.records import Lead
from leadworth.settings import Settings, load_settings
from serving.personal_data import erase_command, privacy_command
from store.engine import open_engine
from store.migrate import upgrade
from store.schema import metadata
from store.spool import Spool
from tests.serving.running import FolderRegistry, client_of

APPS = {"export": export_command.app, "privacy": privacy_command.app, "erase": typer.Typer(add_completion=False)}
APPS["erase"].command()(erase_command.erase)


@dataclass
class Installation:
    """Folder of an installation with its settings and store."""

    folder: Path
    settings: Settings
    engine: Engine
    redis: Redis | None

    def run(self, command: str, *arguments: str) -> Result:
        """Run a command of leadworth."""
        return CliRunner().invoke(APPS[command], [*arguments, "-c", str(self.folder / "leadworth.toml")])

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of all tables."""
        with self.engine.connect() as connection:
            return {
                name: [dict(row) for row in connection.execute(table.select()).mappings()]
                for name, table in metadata.tables.items()
            }

    def texts(self) -> dict[str, bytes]:
        """Return everything that is stored: bytes of files, rows of tables, keys and values of the cache."""
        files = {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        tables = {name: repr(rows).encode() for name, rows in self.rows().items()}
        return files | tables | self.cached()

    def cached(self) -> dict[str, bytes]:
        """Return keys of the cache with their values."""
        if self.redis is None:
            return {}
        found = {}
        for key in self.redis.scan_iter("leadworth:*"):
            kind = self.redis.type(key)
            value = self.redis.zrange(key, 0, -1) if kind == b"zset" else self.redis.get(key)
            found[key.decode()] = repr(value).encode()
        return found

    def spool(self, client: TestClient, lead: Lead) -> None:
        """Decide about a lead and leave the rows in the spool, as a process does that dies without its database."""
        decide = partial(client.app.state.scoring.decide, lead, "request")
        _, entry = client.portal.call(decide)
        spool = Spool(self.folder / ".leadworth" / "spool")
        spool.append([entry])
        spool.release()


@contextmanager
def installed(
    folder: Path,
    store: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    redis: str | None = None,
    platforms: bool = True,
) -> Iterator[Installation]:
    """Write leadworth.toml, run a sandbox, and migrate the store."""
    cache = f'redis = "{redis}"\n' if redis else ""
    text = f'currency = "EUR"\n[leads]\n[serving]\napi_keys = false\nreload_seconds = 0.1\nstore = "{store}"\n{cache}'
    (folder / "leadworth.toml").write_text(text)
    with ExitStack() as stack:
        if platforms:
            for name, value in variables(stack.enter_context(Sandbox().run())).items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("LEADWORTH_EXPORT__GOOGLE_FILE__ACTIONS", '{"lead": "Lead"}')
        settings = load_settings(folder / "leadworth.toml")
        engine = open_engine(settings.database(store))
        upgrade(engine)
        client = Redis.from_url(redis) if redis else None
        yield Installation(folder, settings, engine, client)
        engine.dispose()
        if client is not None:
            client.close()


@contextmanager
def served(installation: Installation, registry: FolderRegistry) -> Iterator[TestClient]:
    """Run the service of an installation."""
    with client_of(installation.settings, registry) as client:
        yield client
