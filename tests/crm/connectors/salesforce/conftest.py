"""Fixtures of the Salesforce tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from crm.connectors.salesforce import salesforce_bulk, salesforce_scores
from tests.crm.connectors.salesforce.org import Org, running


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Repeat at once: the numbers of attempts stay those of the code."""
    monkeypatch.setattr(salesforce_bulk, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(salesforce_scores, "FIRST_WAIT_SECONDS", 0.001)
    with stamina.set_testing(True, attempts=8):
        yield


@pytest.fixture
def org() -> Iterator[Org]:
    """An org with several currencies."""
    with running() as org:
        yield org
