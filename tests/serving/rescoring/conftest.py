"""Fixtures of the tests of rescoring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.crm_connection import open_connector
from serving.rescoring.event_worker import EventWorker
from tests.serving.rescoring.shop import shop
from tests.serving.rescoring.watched import Watched, export_of


@pytest.fixture(scope="session")
def crm(tmp_path_factory: pytest.TempPathFactory, bundles: Path) -> Iterator[Watched]:
    """A business with one lead, whose mirror is filled; tests add leads of their own."""
    with shop(tmp_path_factory.mktemp("watched"), bundles) as business:
        business.lead("first")
        business.night()
        models = [business.bundle]
        with open_connector(business.settings, "hubspot") as connector:
            clock = business.peer.account.clock
            yield Watched(business, EventWorker(export_of(business), connector, lambda: models[-1], clock.now), models)
