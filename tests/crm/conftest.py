"""Made-up CRMs and their mirrors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadworth.settings import Settings
from store.engine import open_engine
from store.migrate import upgrade
from tests.crm.crm_world import CrmWorld
from tests.crm.memory_connector import MemoryConnector
from tests.crm.mirror_bench import MirrorBench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[MirrorBench]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield MirrorBench(engine, tmp_path)
    engine.dispose()


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CrmWorld:
    made = CrmWorld(tmp_path)

    @contextmanager
    def opened(settings: Settings, name: str, *, offline: bool = False) -> Iterator[MemoryConnector]:
        assert (name, offline) == ("memory", True)
        yield made.connector

    monkeypatch.setattr("crm.mirror_tables.open_connector", opened)
    return made
