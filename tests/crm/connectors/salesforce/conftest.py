"""Fixtures of the Salesforce tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from crm.connectors.salesforce import salesforce_bulk, salesforce_scores
from leadworth.http_client import HttpClient
from tests.crm.connectors.salesforce.org import Org, running


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Repeat at once: the numbers of attempts stay those of the code."""
    monkeypatch.setattr(salesforce_bulk, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(salesforce_scores, "FIRST_WAIT_SECONDS", 0.001)
    with stamina.set_testing(True, attempts=8):
        yield


@pytest.fixture
def org(http: HttpClient) -> Iterator[Org]:
    """An org with several currencies."""
    with running(http) as org:
        yield org
