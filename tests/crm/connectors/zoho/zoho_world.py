"""A running Zoho account for tests, and connectors to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.connector import SyncWindow
from crm.connectors.zoho.connector import ZohoConnector, connect
from crm.connectors.zoho.peer import ZohoPeer
from crm.connectors.zoho.settings import ZohoSection
from crm.connectors.zoho.zoho_account import ZohoAccount
from leadworth.crm_records import CrmRecord
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer

FIELDS = ["Company", "Email", "Lead_Status", "Converted_Account", "Converted_Contact", "Converted_Deal"]


@dataclass
class ZohoWorld:
    """A served peer."""

    peer: ZohoPeer
    address: str
    http: HttpClient

    @property
    def account(self) -> ZohoAccount:
        return self.peer.zoho

    def section(self, **settings: object) -> ZohoSection:
        values = {**self.peer.settings(self.address), "quota_share": 1.0, **settings}
        return ZohoSection.model_validate(values)

    def connector(self, **settings: object) -> ZohoConnector:
        return connect(self.section(**settings), self.http, "EUR")

    def window(self, **back: float) -> SyncWindow:
        """Window from a while ago (an hour) to a second after now."""
        now = self.account.clock.now()
        return SyncWindow(now - timedelta(**(back or {"hours": 1})), now + timedelta(seconds=1))

    def lead(self, number: int = 0, at: datetime | None = None, **values: str) -> str:
        """Create a lead."""
        own = {"Company": f"Company {number}", "Email": f"p{number}@example.org"}
        return self.account.create("Leads", {**own, **values}, at=at)


@contextmanager
def running(http: HttpClient) -> Iterator[ZohoWorld]:
    """Serve an account."""
    peer = ZohoPeer(ZohoAccount())
    with serve_peer(peer) as address:
        yield ZohoWorld(peer, address, http)


def read_all(
    connector: ZohoConnector, module: str, fields: list[str], window: SyncWindow | None, bookmark: str = ""
) -> list[CrmRecord]:
    """Return all records of all pages."""
    return [record for page in connector.pages(module, fields, window, bookmark) for record in page.records]


def keys(records: list[CrmRecord]) -> list[str]:
    """Return the ids of records, sorted."""
    return sorted(record.record_id for record in records)
