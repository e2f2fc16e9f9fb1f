"""Fixtures of the Odoo tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from leadworth.http_client import HttpClient
from tests.crm.connectors.odoo.odoo_database import Database, running


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    """Repeat at once."""
    with stamina.set_testing(True, attempts=4):
        yield


@pytest.fixture
def database(http: HttpClient) -> Iterator[Database]:
    """A database of Odoo 19, by JSON-2."""
    with running(http) as database:
        yield database


@pytest.fixture(params=[(19, "json2"), (19, "jsonrpc"), (16, "jsonrpc")], ids=str)
def any_database(http: HttpClient, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database by each interface, and of a version with other names of the tracking."""
    version, interface = request.param
    with running(http, version, interface=interface) as database:
        yield database
