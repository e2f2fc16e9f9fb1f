"""Fixtures of the conversion tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conversions.export_setup import ExportSetup, export_at

collect_ignore = ["made_up"]


@pytest.fixture
def export(store_url: str, tmp_path: Path) -> Iterator[ExportSetup]:
    """Export set-up on SQLite and on PostgreSQL."""
    with export_at(store_url, tmp_path) as setup:
        yield setup
