"""A migrated store and settings of a business with files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from leadworth.settings import Settings
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
def settings(tmp_path: Path) -> Settings:
    """Settings of a business in Rome."""
    return Settings(
        folder=tmp_path,
        currency="EUR",
        timezone="Europe/Rome",
        secret="a secret of sixteen",
        leads={"path": "leads.csv", "id": "id"},
        mql={"margin": 0.4},
    )
