"""Stages and lead statuses, with their meaning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import StageMeaning
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def connector(peer: HubSpotPeer) -> Iterator[HubSpotConnector]:
    with connected(peer) as connector:
        yield connector


def test_stages_have_the_meaning_of_closed_and_probability(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    found = {stage.value: stage for stage in connector.stages()}
    assert found["closedwon"].meaning is StageMeaning.WON
    assert found["closedlost"].meaning is StageMeaning.LOST
    assert found["contractsent"].meaning is StageMeaning.OPEN
    assert (found["closedwon"].object, found["closedwon"].pipeline) == ("deals", "default")
    assert (found["UNQUALIFIED"].object, found["UNQUALIFIED"].meaning) == ("contacts", StageMeaning.LOST)


def test_stages_of_leads_follow_their_state(peer: HubSpotPeer) -> None:
    with connected(peer, lead_object="leads") as connector:
        meanings = {stage.value: stage.meaning for stage in connector.stages() if stage.object == "leads"}
    assert meanings["unqualified-stage-id"] is StageMeaning.LOST
    assert meanings["qualified-stage-id"] is StageMeaning.OPEN
