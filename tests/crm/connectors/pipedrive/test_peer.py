"""The local Pipedrive account refuses what Pipedrive refuses."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.connectors.pipedrive.peer import MOST_HOOKS, PipedrivePeer
from tests.crm.connectors.pipedrive.pipedrive_account import quick_peer, seed


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


@pytest.fixture
def client(peer: PipedrivePeer) -> TestClient:
    return TestClient(peer.app(), headers={"x-api-token": peer.token})


@pytest.mark.parametrize(
    "address",
    [
        "v2/deals?limit=501",
        "v2/deals?updated_since=2026-01-01T00:00:00",
        "v2/deals?cursor=nothing",
        "v2/deals?sort_by=title",
        "v1/leads?limit=501",
        "v1/leads?sort=value",
        f"v2/persons?ids={','.join(map(str, range(101)))}",
    ],
)
def test_pages_filters_and_orders_that_pipedrive_does_not_know(client: TestClient, address: str) -> None:
    answer = client.get(f"/api/{address}")
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_ids_are_ignored_together_with_a_filter(peer: PipedrivePeer, client: TestClient) -> None:
    made = seed(peer, 3, "deals")
    assert len(client.get("/api/v2/deals", params={"ids": made[0]}).json()["data"]) == 1
    assert len(client.get("/api/v2/deals", params={"ids": made[0], "filter_id": "4"}).json()["data"]) == 3


def test_version_1_and_2_write_times_and_ids_in_their_own_ways(peer: PipedrivePeer, client: TestClient) -> None:
    seed(peer, 1)
    seed(peer, 1, "deals")
    lead = client.get("/api/v1/leads").json()["data"][0]
    deal = client.get("/api/v2/deals").json()["data"][0]
    assert (len(lead["id"]), lead["add_time"][10], len(lead["add_time"])) == (36, " ", 19)
    assert (type(deal["id"]), deal["add_time"][10], deal["add_time"][-1]) == (int, "T", "Z")


def test_a_merged_record_is_gone_and_leads_have_no_merge(peer: PipedrivePeer, client: TestClient) -> None:
    kept, lost = seed(peer, 2, "persons")
    assert client.put(f"/api/v1/persons/{lost}/merge", json={"merge_with_id": int(kept)}).status_code == 200
    assert [item["id"] for item in client.get("/api/v2/persons").json()["data"]] == [int(kept)]
    first, second = seed(peer, 2)
    assert client.put(f"/api/v1/leads/{first}/merge", json={"merge_with_id": second}).status_code == 404


def test_a_write_needs_fields_of_the_account_and_a_lead_that_is_there(peer: PipedrivePeer, client: TestClient) -> None:
    (key,) = peer.create_fields("leads", ["utm_source"]).values()
    lead, converted = seed(peer, 2)
    peer.account.convert(converted, {"stage": "1"})

    def status(path: str, body: dict[str, Any]) -> int:
        return client.patch(f"/api/{path}", json=body).status_code

    assert status(f"v1/leads/{lead}", {key: "ads"}) == 200
    assert status(f"v1/leads/{lead}", {"0" * 40: "ads"}) == 400
    assert status(f"v1/leads/{lead}", {key: "x" * 256}) == 400
    assert status(f"v1/leads/{converted}", {key: "ads"}) == 404
    assert status("v2/deals/99", {"custom_fields": {}}) == 404


def test_a_user_has_forty_webhooks(peer: PipedrivePeer, client: TestClient) -> None:
    hook = {"subscription_url": "https://leads.example", "event_action": "*", "event_object": "*", "version": "2.0"}
    statuses = [client.post("/api/v1/webhooks", json=hook).status_code for _ in range(MOST_HOOKS + 1)]
    assert statuses == [200] * MOST_HOOKS + [400]
    assert len(client.get("/api/v1/webhooks").json()["data"]) == MOST_HOOKS


def test_answers_without_a_known_token_are_401(peer: PipedrivePeer) -> None:
    client = TestClient(peer.app())
    for headers in ({}, {"x-api-token": "no"}, {"Authorization": "Bearer no"}):
        assert client.get("/api/v2/deals", headers=headers).status_code == 401
    assert client.post("/oauth/token", data={"grant_type": "refresh_token"}).status_code == 401


def test_webhooks_are_posted_to_an_address_and_a_dead_one_answers_nothing(peer: PipedrivePeer) -> None:
    seed(peer, 1)
    assert peer.send_events("http://127.0.0.1:9") == [0, 0]
    assert peer.send_events("http://127.0.0.1:9") == []
