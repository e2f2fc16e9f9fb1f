"""Fixtures of the Dynamics tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from crm.connectors.dynamics import dataverse_scores
from leadworth.http_client import HttpClient
from tests.crm.connectors.dynamics.environment import Environment, running_environment


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Repeat at once: the numbers of attempts stay those of the code."""
    monkeypatch.setattr(dataverse_scores, "FIRST_WAIT_SECONDS", 0.001)
    with stamina.set_testing(True, attempts=8):
        yield


@pytest.fixture
def environment(http: HttpClient) -> Iterator[Environment]:
    """An environment without faults."""
    with running_environment(http) as environment:
        yield environment
