"""A HubSpot account on this machine, and a connector to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from crm.connector import RecordPage, SyncWindow
from crm.connectors.hubspot.connector import HubSpotConnector, connect
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.connectors.hubspot.settings import HubSpotSection
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import CrmRecord
from leadworth.fault_injection import Faults
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer

ALL_TIME = SyncWindow(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def quick_peer(lag_seconds: float = 0.0) -> HubSpotPeer:
    """Return an empty account without limits per second."""
    peer = HubSpotPeer(PeerAccount(lag_seconds=lag_seconds))
    peer.limits.searches = peer.limits.ten_seconds = 1_000_000
    return peer


@contextmanager
def connected(peer: HubSpotPeer, faults: Faults | None = None, **settings: Any) -> Iterator[HubSpotConnector]:
    """Serve a peer and connect with it."""
    with serve_peer(peer, faults=faults) as address:
        section = HubSpotSection.model_validate({**peer.settings(address), "quota_share": 1.0, **settings})
        connector = connect(section, HttpClient(section.timeout_seconds), "EUR")
        try:
            yield connector
        finally:
            connector.close()


def records(pages: Iterator[RecordPage]) -> list[CrmRecord]:
    """Return the records of pages."""
    return [record for page in pages for record in page.records]


def ids(found: Sequence[CrmRecord]) -> list[str]:
    """Return the ids of records."""
    return [record.record_id for record in found]


def seed(peer: HubSpotPeer, number: int, object_name: str = "contacts", at: datetime | None = None) -> list[str]:
    """Create records a day ago, all at the same moment, and return their ids."""
    moment = at or peer.account.clock.now() - timedelta(days=1)
    return [peer.account.create(object_name, {"firstname": f"n{place}"}, at=moment) for place in range(number)]
