"""A running org for tests, and a connector to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm.connector import SyncWindow
from crm.connectors.salesforce.connector import SalesforceConnector, connect
from crm.connectors.salesforce.peer import SalesforcePeer
from crm.connectors.salesforce.salesforce_account import SalesforceAccount
from crm.connectors.salesforce.settings import SalesforceSection
from leadworth.crm_records import CrmRecord
from leadworth.fault_injection import Faults
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer

FIELDS = ["FirstName", "LastName", "Company", "Email", "Status", "OwnerId"]
START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Org:
    """A served peer."""

    peer: SalesforcePeer
    address: str
    http: HttpClient

    @property
    def account(self) -> SalesforceAccount:
        return self.peer.org

    def connector(self, **settings: object) -> SalesforceConnector:
        section = SalesforceSection.model_validate({**self.peer.settings(self.address), **settings})
        return connect(section, self.http, "EUR")

    def window(self, **back: float) -> SyncWindow:
        """Window from a while ago (an hour) to a second after now."""
        now = self.account.clock.now()
        return SyncWindow(now - timedelta(**(back or {"hours": 1})), now + timedelta(seconds=1))

    def lead(self, number: int = 0, at: datetime | None = None, **values: str) -> str:
        """Create a lead."""
        own = {"FirstName": "Ada", "LastName": f"Number {number}", "Company": f"Company {number}"}
        return self.account.create("Lead", {**own, **values}, at=at)


@contextmanager
def running(http: HttpClient, currency: str = "", faults: Faults | None = None) -> Iterator[Org]:
    """Serve an org."""
    peer = SalesforcePeer(SalesforceAccount(), currency)
    with serve_peer(peer, faults=faults) as address:
        yield Org(peer, address, http)


def read_all(
    connector: SalesforceConnector, name: str, fields: list[str], window: SyncWindow | None
) -> list[CrmRecord]:
    """Return all records of all pages."""
    return [record for page in connector.pages(name, fields, window) for record in page.records]
