"""A made-up CRM and its mirror."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import open_engine
from store.migrate import upgrade
from tests.crm.mirror_bench import MirrorBench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[MirrorBench]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    yield MirrorBench(engine, tmp_path)
    engine.dispose()
