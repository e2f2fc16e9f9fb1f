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
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import settings
from starlette.testclient import TestClient

from models.bundle import Bundle
from tests.make_bundle import make_bundle
from tests.serving.running import FolderRegistry, client_of, settings_in
from tests.serving.velocity.redis_server import URL

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


POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"


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


@pytest.fixture
def postgres() -> Iterator[str]:
    """URL of a schema of its own in a real PostgreSQL."""
    engine = sa.create_engine(POSTGRES.replace("postgresql", "postgresql+psycopg"), connect_args={"connect_timeout": 2})
    schema = f"leadworth_{uuid4().hex[:12]}"
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    except sa.exc.OperationalError:
        engine.dispose()
        pytest.skip(f"no PostgreSQL at {POSTGRES}")
    yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, in each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgres"))


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
