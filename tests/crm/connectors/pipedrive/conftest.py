"""Fixtures of the Pipedrive tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crm.connectors.pipedrive.pipedrive_account import shared_client


@pytest.fixture(scope="session", autouse=True)
def _closed_client() -> Iterator[None]:
    """Close the HTTP client after the last test."""
    yield
    shared_client().close()
