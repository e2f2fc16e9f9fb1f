"""Associations: labels, the primary company, more than a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import RecordLink
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer, seed


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def connector(peer: HubSpotPeer) -> Iterator[HubSpotConnector]:
    with connected(peer) as connector:
        yield connector


def test_associations_are_read_for_unchanged_records_with_the_primary_company(
    peer: HubSpotPeer, connector: HubSpotConnector
) -> None:
    one, two = seed(peer, 2)
    main, other = seed(peer, 2, "companies")
    deal = peer.account.create("deals", {"dealstage": "closedwon"})
    before = connector.read("contacts", [one], [])[0].modified_at
    peer.account.link("contacts", one, RecordLink("companies", main, "primary"))
    peer.account.link("contacts", one, RecordLink("companies", other))
    peer.account.link("contacts", one, RecordLink("deals", deal, "Decision maker"))
    assert connector.read("contacts", [one], [])[0].modified_at == before
    links = connector.links("contacts", [one, two])
    assert set(links[one]) == {
        RecordLink("companies", main, "primary"),
        RecordLink("companies", other),
        RecordLink("deals", deal, "Decision maker"),
    }
    assert links[two] == ()
    assert connector.links("deals", [deal])[deal] == (RecordLink("contacts", one),)
    peer.account.unlink("contacts", one, RecordLink("companies", other))
    assert len(connector.links("contacts", [one])[one]) == 2


def test_associations_beyond_a_page_are_read(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    (company,) = seed(peer, 1, "companies")
    deals = seed(peer, 12, "deals")
    (contact,) = seed(peer, 1)
    peer.limits.targets = 5
    for deal in deals:
        peer.account.link("contacts", contact, RecordLink("deals", deal))
    peer.account.link("contacts", contact, RecordLink("companies", company))
    found = connector.links("contacts", [contact])[contact]
    assert [link.to_id for link in found if link.to_object == "deals"] == deals
