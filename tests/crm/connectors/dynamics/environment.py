"""A running environment for tests, and a connector to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm.connector import SyncWindow
from crm.connectors.dynamics.connector import DynamicsConnector, connect
from crm.connectors.dynamics.dataverse_account import DataverseAccount
from crm.connectors.dynamics.peer import DynamicsPeer
from crm.connectors.dynamics.settings import DynamicsSection
from leadworth.crm_records import CrmRecord
from leadworth.fault_injection import Faults
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer

FIELDS = ["firstname", "lastname", "companyname", "emailaddress1", "statuscode"]
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Environment:
    """A served peer."""

    peer: DynamicsPeer
    address: str
    http: HttpClient

    @property
    def account(self) -> DataverseAccount:
        return self.peer.environment

    def connector(self, **settings: object) -> DynamicsConnector:
        section = DynamicsSection.model_validate({**self.peer.settings(self.address), **settings})
        return connect(section, self.http, "EUR")

    def window(self, **back: float) -> SyncWindow:
        """Window from a while ago (an hour) to a second after now."""
        now = self.account.clock.now()
        return SyncWindow(now - timedelta(**(back or {"hours": 1})), now + timedelta(seconds=1))

    def lead(self, number: int = 0, at: datetime | None = None, **values: str) -> str:
        """Create a lead."""
        own = {"firstname": "Ada", "lastname": f"Number {number}", "companyname": f"Company {number}"}
        return self.account.create("lead", {**own, **values}, at=at)


@contextmanager
def running_environment(http: HttpClient, faults: Faults | None = None) -> Iterator[Environment]:
    """Serve an environment."""
    peer = DynamicsPeer(DataverseAccount())
    with serve_peer(peer, faults=faults) as address:
        yield Environment(peer, address, http)


def read_all(connector: DynamicsConnector, name: str, fields: list[str], window: SyncWindow | None) -> list[CrmRecord]:
    """Return all records of all pages."""
    return [record for page in connector.pages(name, fields, window) for record in page.records]
