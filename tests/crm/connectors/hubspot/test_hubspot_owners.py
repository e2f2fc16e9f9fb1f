"""Owners, with those who left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import RecordState
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer, records


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def connector(peer: HubSpotPeer) -> Iterator[HubSpotConnector]:
    with connected(peer) as connector:
        yield connector


def test_owners_who_left_are_read_too(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    stays = peer.account.create("owners", {"email": "ada@example.org", "userId": "5"})
    left = peer.account.create("owners", {"email": "bob@example.org"})
    peer.account.delete("owners", left)
    found = {item.record_id: item for item in records(connector.pages("owners", ["email"], None))}
    assert found[stays].state is RecordState.LIVE
    assert (found[left].state, found[left].values) == (RecordState.ARCHIVED, {"email": "bob@example.org"})
    assert [item.state for item in connector.read("owners", [stays, "99"], [])] == [
        RecordState.LIVE,
        RecordState.DELETED,
    ]
    assert connector.count("owners") is None
