"""A Pipedrive account on this machine, and a connector to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from crm.connector import RecordPage, SyncWindow
from crm.connectors.pipedrive.connector import PipedriveConnector, connect
from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.pipedrive_peer_account import PipedriveAccount
from crm.connectors.pipedrive.settings import PipedriveSection
from leadworth.crm_records import CrmRecord
from leadworth.http_client import HttpClient
from leadworth.peer_server import serve_peer

ALL_TIME = SyncWindow(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def quick_peer() -> PipedrivePeer:
    """Return an empty account without a lag and with tokens for everything."""
    peer = PipedrivePeer(PipedriveAccount())
    peer.limits.burst = peer.limits.daily = 10_000_000
    return peer


@cache
def shared_client() -> HttpClient:
    """Return the HTTP client of all tests: opening one takes longer than most of them."""
    return HttpClient(10.0)


@contextmanager
def connected(peer: PipedrivePeer, **settings: Any) -> Iterator[PipedriveConnector]:
    """Serve a peer and connect with it."""
    with serve_peer(peer) as address:
        section = PipedriveSection.model_validate({**peer.settings(address), "quota_share": 1.0, **settings})
        yield connect(section, shared_client(), "EUR")


def records(pages: Iterator[RecordPage]) -> list[CrmRecord]:
    """Return the records of pages."""
    return [record for page in pages for record in page.records]


def seed(peer: PipedrivePeer, number: int, object_name: str = "leads") -> list[str]:
    """Create records a day ago, all at the same moment, and return their ids."""
    moment = peer.account.clock.now() - timedelta(days=1)
    return [peer.account.create(object_name, {"title": f"n{place}"}, at=moment) for place in range(number)]
