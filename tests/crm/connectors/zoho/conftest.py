"""Fixtures of the Zoho tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from leadworth.http_client import HttpClient
from tests.crm.connectors.zoho.zoho_world import ZohoWorld, running


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    """Repeat at once: the numbers of attempts stay those of the code."""
    with stamina.set_testing(True, attempts=8):
        yield


@pytest.fixture
def world(http: HttpClient) -> Iterator[ZohoWorld]:
    """An account."""
    with running(http) as world:
        yield world
