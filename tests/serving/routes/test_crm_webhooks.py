"""Webhooks of CRMs over HTTP: verified, stored once, answered as the CRM asks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import stamina
from starlette.testclient import TestClient

from crm.connectors.hubspot.hubspot_peer_events import signed_headers
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.connectors.salesforce.outbound_message import ACKNOWLEDGEMENT
from crm.connectors.salesforce.peer import SalesforcePeer
from crm.connectors.salesforce.peer_sign_in import ORGANIZATION_ID
from crm.connectors.salesforce.salesforce_account import SalesforceAccount
from crm.sandbox.peer_account import PeerAccount
from leadworth.peer_server import serve_peer
from leadworth.settings import Settings
from tests.crm.connectors.salesforce.test_outbound_message import message
from tests.serving.running import FolderRegistry, client_of

SECRET = "sandbox-client-secret"
PATH = "/v1/crm/hubspot/events"
PUBLIC = "https://leads.example.org/base"
EVENT = {"eventId": 7, "subscriptionType": "contact.propertyChange", "objectId": 123, "occurredAt": 1_764_113_600_000,
         "propertyName": "email"}  # fmt: skip


def settings_of(folder: Path, **crm: Any) -> Settings:
    given = {"hubspot": {"token": "t", "client_secret": SECRET}, **crm}
    return Settings(currency="EUR", leads={}, serving={"api_keys": True}, crm=given, folder=folder)


def sign(body: bytes, url: str, *, secret: str = SECRET, age: timedelta = timedelta(0)) -> Mapping[str, str]:
    return signed_headers(secret, url, body, datetime.now(UTC) - age)


def stored(folder: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(folder / "leadworth.db") as connection:
        return connection.execute("SELECT crm, task, object, record_id FROM crm_events ORDER BY record_id").fetchall()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, bundles: Path) -> Iterator[tuple[TestClient, Path]]:
    folder = tmp_path_factory.mktemp("webhooks")
    with client_of(settings_of(folder), FolderRegistry(bundles)) as client:
        yield client, folder


@pytest.fixture
def service(home: tuple[TestClient, Path]) -> tuple[TestClient, Path]:
    client, folder = home
    with sqlite3.connect(folder / "leadworth.db") as connection:
        connection.execute("DELETE FROM crm_events")
    return client, folder


def post(client: TestClient, body: bytes, **options: Any) -> httpx2.Response:
    answer: httpx2.Response = client.post(
        PATH, content=body, headers=dict(sign(body, f"{client.base_url}{PATH}", **options))
    )
    return answer


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        json.dumps([EVENT, {**EVENT, "objectId": {"a": 1}}]).encode(),
        json.dumps([{**EVENT, "subscriptionType": "contact.merge", "mergedObjectIds": 5}]).encode(),
    ],
)
def test_a_signed_body_of_another_form_is_refused_and_not_a_failure(
    service: tuple[TestClient, Path], body: bytes
) -> None:
    client, folder = service
    answer = post(client, body)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "unreadable-event")
    assert stored(folder) == []


def test_an_event_needs_no_api_key_and_is_stored_once(service: tuple[TestClient, Path]) -> None:
    client, folder = service
    erasure = {**EVENT, "subscriptionType": "contact.privacyDeletion", "objectId": 124}
    body = json.dumps([EVENT, erasure]).encode()
    for _ in range(2):
        answer = post(client, body)
        assert (answer.status_code, answer.content) == (202, b"")
    assert stored(folder) == [("hubspot", "read", "contacts", "123"), ("hubspot", "erase", "contacts", "124")]


def test_what_happens_in_the_account_arrives(service: tuple[TestClient, Path]) -> None:
    client, folder = service
    peer = HubSpotPeer(PeerAccount())
    lead = peer.account.create("contacts", {"email": "ada@acme.example"})
    deal = peer.account.create("deals", {"dealstage": "closedwon"})
    assert post(client, json.dumps(peer._events.news()).encode()).status_code == 202
    assert stored(folder) == [("hubspot", "read", "contacts", lead)] * 2 + [("hubspot", "read", "deals", deal)] * 2


@pytest.mark.parametrize("fault", [{"secret": "another"}, {"age": timedelta(minutes=6)}])
def test_forged_and_old_events_are_refused(service: tuple[TestClient, Path], fault: dict[str, Any]) -> None:
    client, folder = service
    answer = post(client, json.dumps([EVENT]).encode(), **fault)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (401, "forged-event")
    assert stored(folder) == []


def test_a_body_without_signature_or_events_is_refused(service: tuple[TestClient, Path]) -> None:
    client, folder = service
    assert client.post(PATH, content=b"[]").status_code == 401
    assert post(client, b'{"no": "list"}').status_code == 401
    assert stored(folder) == []


@pytest.mark.parametrize("name", ["unknown", "salesforce"])
def test_a_crm_that_is_not_connected_is_unknown(service: tuple[TestClient, Path], name: str) -> None:
    client, _ = service
    answer = client.post(f"/v1/crm/{name}/events", content=b"[]")
    assert answer.status_code == 404
    assert "hubspot" in answer.json()["detail"]


def test_an_event_is_sent_again_where_the_store_was_away(service: tuple[TestClient, Path]) -> None:
    client, folder = service
    body = json.dumps([EVENT]).encode()
    with sqlite3.connect(folder / "leadworth.db") as connection:
        connection.execute("ALTER TABLE crm_events RENAME TO away")
    answer = post(client, body)
    assert answer.status_code == 503
    with sqlite3.connect(folder / "leadworth.db") as connection:
        connection.execute("ALTER TABLE away RENAME TO crm_events")
    assert post(client, body).status_code == 202
    assert len(stored(folder)) == 1


def test_behind_a_proxy_the_public_address_is_signed(tmp_path: Path, registry: FolderRegistry) -> None:
    body = json.dumps([EVENT]).encode()
    with client_of(settings_of(tmp_path, public_url=f"{PUBLIC}/"), registry) as client:
        for url, status in ((f"{PUBLIC}{PATH}?a=b%3Ac", 202), (f"http://testserver{PATH}?a=b%3Ac", 401)):
            answer = client.post(f"{PATH}?a=b%3Ac", content=body, headers=dict(sign(body, url)))
            assert answer.status_code == status
    assert len(stored(tmp_path)) == 1


def test_salesforce_gets_the_answer_that_it_waits_for(tmp_path: Path, registry: FolderRegistry) -> None:
    peer = SalesforcePeer(SalesforceAccount())
    body = message(ORGANIZATION_ID, [("04l1", "Lead", "00Q5e0000000001")])
    with serve_peer(peer) as address:
        settings = settings_of(tmp_path, salesforce={**peer.settings(address), "event_secret": "s3"})
        with client_of(settings, registry) as client:
            for secret, status in (("s3", 200), ("s3", 200), ("s4", 401)):
                answer = client.post(f"/v1/crm/salesforce/events?secret={secret}", content=body)
                assert answer.status_code == status
                if status == 200:
                    assert answer.content == ACKNOWLEDGEMENT
                    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert [(name, task, key[:15]) for name, task, _, key in stored(tmp_path)] == [
        ("salesforce", "read", "00Q5e0000000001")
    ]


def test_salesforce_sends_again_where_the_org_cannot_be_asked(tmp_path: Path, registry: FolderRegistry) -> None:
    peer = SalesforcePeer(SalesforceAccount())
    given = {**peer.settings("http://127.0.0.1:9"), "event_secret": "s3"}
    with stamina.set_testing(True, attempts=1), client_of(settings_of(tmp_path, salesforce=given), registry) as client:
        answer = client.post("/v1/crm/salesforce/events?secret=s3", content=message(ORGANIZATION_ID, []))
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (503, "crm-unavailable")
