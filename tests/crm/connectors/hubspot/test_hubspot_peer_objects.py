"""Answers and refusals of the account on this machine."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.connectors.hubspot.hubspot_peer_faults import HubSpotPeerError
from crm.connectors.hubspot.peer import HubSpotPeer
from tests.crm.connectors.hubspot.hubspot_account import quick_peer, seed


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


def test_the_account_refuses_to_page_beyond_ten_thousand(peer: HubSpotPeer) -> None:
    seed(peer, 1)
    body = {"filterGroups": [], "limit": 200, "after": "9900"}
    with pytest.raises(HubSpotPeerError, match="10000") as raised:
        peer.objects.search("contacts", body)
    assert raised.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 11}]},
        {"filterGroups": [{"filters": [{"propertyName": "unknown", "operator": "HAS_PROPERTY"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE", "value": "a"}]}]},
        {"sorts": [{"propertyName": "unknown"}]},
    ],
)
def test_a_search_that_is_not_valid_is_refused(peer: HubSpotPeer, body: dict[str, Any]) -> None:
    with pytest.raises(HubSpotPeerError) as raised:
        peer.objects.search("contacts", body)
    assert (raised.value.status, raised.value.body["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("EQ", "n1", ["n1"]),
        ("NEQ", "n1", ["n0", "n2"]),
        ("GT", "n1", ["n2"]),
        ("LTE", "n1", ["n0", "n1"]),
        ("IN", ["n0", "n2"], ["n0", "n2"]),
        ("NOT_IN", ["n0"], ["n1", "n2"]),
        ("NOT_HAS_PROPERTY", "", []),
    ],
)
def test_filters_select_records(peer: HubSpotPeer, operator: str, value: Any, found: list[str]) -> None:
    seed(peer, 3)
    item = {"propertyName": "firstname", "operator": operator, "values" if isinstance(value, list) else "value": value}
    body = {"filterGroups": [{"filters": [item]}], "properties": ["firstname"]}
    sorts = [{"propertyName": "firstname", "direction": "ASCENDING"}]
    results = peer.objects.search("contacts", {**body, "sorts": sorts})["results"]
    assert [result["properties"]["firstname"] for result in results] == found


def test_an_address_that_is_too_long_is_refused(peer: HubSpotPeer) -> None:
    names = ",".join(f"custom_property_{place}" for place in range(500))
    headers = {"Authorization": f"Bearer {peer.token}"}
    answer = TestClient(peer.app()).get(f"/crm/objects/2026-09/contacts?properties={names}", headers=headers)
    assert answer.status_code == 414


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/crm/objects/2026-09/contacts", 200),
        ("/crm/v3/objects/contacts", 200),
        ("/crm/objects/2031-03/contacts", 404),
        ("/crm/objects/2026-09/contacts/99", 404),
        ("/crm/quotes/2026-09/contacts", 404),
        ("/other", 404),
    ],
)
def test_paths_of_both_forms_are_answered(peer: HubSpotPeer, path: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {peer.token}"}
    assert TestClient(peer.app()).get(path, headers=headers).status_code == status


def test_a_record_created_after_another_was_erased_is_listed(peer: HubSpotPeer) -> None:
    first, second = seed(peer, 2)
    assert len(peer.objects.page("contacts", {})["results"]) == 2
    peer.batches.erase("contacts", {"objectId": first})
    (third,) = seed(peer, 1)
    assert [item["id"] for item in peer.objects.page("contacts", {})["results"]] == [second, third]
