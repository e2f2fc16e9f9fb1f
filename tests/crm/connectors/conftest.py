"""Fixtures of the tests of all connectors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leadworth.http_client import HttpClient


@pytest.fixture(scope="session")
def http() -> Iterator[HttpClient]:
    """HTTP client of all tests: opening one takes longer than most of them."""
    client = HttpClient(5.0)
    yield client
    client.close()
