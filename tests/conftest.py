"""What all tests share."""

from __future__ import annotations

import os

# The libraries of OpenMP read these when they are loaded, so they are set before the other imports.
# As the command does.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# The workers of pytest-xdist use all cores already; with two threads each, a training takes twice as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from starlette.testclient import TestClient

from leadworth.garbage_collection import collect_rarely
from models.bundle import Bundle
from store import engine, migrate
from tests.make_bundle import make_bundle
from tests.ready_stores import POSTGRES, PostgresSchemas, SQLiteCopies
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.serving.velocity.redis_server import URL
from tests.shared_statements import SharedStatements
from tests.short_sleeps import ShortSleeps

# Rich asks for the width once, when `leadworth.console` is imported.
os.environ["COLUMNS"] = "160"

# Each test that opens a database waits for the disk five to ten times. Files of a run need 200 MB.
_MEMORY = Path("/dev/shm")
if (
    _MEMORY.is_dir()
    and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    and shutil.disk_usage(_MEMORY).free > 4e9
    and os.access(_MEMORY, os.W_OK)
):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# Time limits fail at random on a loaded machine; seeds that change make a failure hard to repeat.
settings.register_profile("leadworth", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("leadworth")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings of the person's shell out of the tests."""
    for name in os.environ:
        if name.startswith("LEADWORTH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    # On a loaded machine a commit may take a second; only tests of slow stores ask for less patience.
    monkeypatch.setattr("store.group_commit.PATIENCE_SECONDS", 20.0)
    monkeypatch.setattr("store.decision_store.PATIENCE_SECONDS", 20.0)


ON_BOTH_DATABASES = ("store", "contracts", "behaviour", "e2e")
"""Folders whose tests run on PostgreSQL by default; those of other folders do so in `make check-slow`."""


FIRST = "training"
"""Folder whose tests run first, so that one worker runs them all: workers take tests from the end of each other's
queue, and would train the models of the fixtures twice."""


def pytest_collection_finish() -> None:
    """Never again look for garbage in a million objects of modules and tests."""
    collect_rarely()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the default suite short: the SQL is in the store, whose tests run on both databases."""
    for item in items:
        if _folder(item) not in ON_BOTH_DATABASES and "postgresql" in item.name:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: _folder(item) != FIRST)


def _folder(item: pytest.Item) -> str:
    """Return the folder of a test below this one; empty for a doctest of a package."""
    return item.path.relative_to(Path(__file__).parent).parts[0] if "tests" in item.path.parts else ""


REVISIONS = migrate.revisions


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the bundles of two versions, "1" and "2"."""
    folder = tmp_path_factory.mktemp("bundles")
    for version, seed in (("1", 7), ("2", 8)):
        made = make_bundle(seed=seed)
        made.save(folder / version)
        (folder / version / "registered.json").write_text(f'{{"model": "leadworth", "version": "{version}"}}')
        assert Bundle.load(folder / version).version == version
    return folder


@pytest.fixture
def registry(bundles: Path) -> FolderRegistry:
    """Registry whose champion is version 1."""
    return FolderRegistry(bundles)


@pytest.fixture
def client(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    """Service that asks for no API key."""
    with client_of(settings_in(tmp_path), registry) as client:
        yield client


@pytest.fixture
def locked(tmp_path: Path, registry: FolderRegistry) -> Iterator[TestClient]:
    """Service that asks for API keys."""
    with client_of(settings_in(tmp_path, api_keys=True), registry) as client:
        yield client


@pytest.fixture(scope="session", autouse=True)
def _copied_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Copy the tables of a new SQLite store; see `made_stores` for the tests of how they are made."""
    copies = SQLiteCopies(tmp_path_factory.mktemp("store"), migrate.revisions)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "revisions", copies.revisions)
        yield
    copies.close()


@pytest.fixture(scope="session", autouse=True)
def _shared_statements() -> Iterator[None]:
    """Compile each statement once, and not again for each engine."""
    opened = partial(engine.create_engine, execution_options={"compiled_cache": SharedStatements()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "create_engine", opened)
        yield


@pytest.fixture(scope="session", autouse=True)
def _servers_end_at_once() -> Iterator[None]:
    """Let uvicorn look ten times as often whether it should end; hundreds of tests wait for that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uvicorn.server.asyncio", ShortSleeps())
        yield


@pytest.fixture
def made_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `upgrade` make the tables of a new SQLite store, as it does outside of the tests."""
    monkeypatch.setattr(migrate, "revisions", REVISIONS)


@pytest.fixture(scope="session")
def schemas() -> Iterator[PostgresSchemas]:
    """Schemas in a real PostgreSQL."""
    made = PostgresSchemas()
    if not made.answers():
        pytest.skip(f"no PostgreSQL at {POSTGRES}")
    yield made
    made.close()


@pytest.fixture
def postgres(schemas: PostgresSchemas) -> Iterator[str]:
    """URL of a new schema in a real PostgreSQL."""
    with schemas.new() as schema:
        yield schemas.url(schema)


@pytest.fixture
def migrated_postgres(schemas: PostgresSchemas) -> Iterator[str]:
    """URL of a schema with a store without rows."""
    with schemas.migrated() as schema:
        yield schemas.url(schema)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without tables, in each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store without rows, in each kind; its tables may not be there before `upgrade`."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("migrated_postgres"))


@pytest.fixture
def redis_prefix() -> Iterator[str]:
    """Prefix of its own in a real Redis; its keys are gone afterwards."""
    redis = pytest.importorskip("redis")
    client = redis.Redis.from_url(URL, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.exceptions.ConnectionError:
        pytest.skip(f"no Redis at {URL}")
    name = f"test-{uuid4().hex[:12]}"
    yield name
    for key in client.scan_iter(f"{name}:*"):
        client.delete(key)
    client.close()
