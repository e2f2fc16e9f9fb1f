"""Webhooks: signature version 3, age, repetition, disorder, our own writes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.connector import ForgedEventError
from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.hubspot_events import SIGNATURE, TIMESTAMP, read_events, sign, verify
from leadworth.crm_records import RecordEvent, RecordLink, ScoreRow
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer, seed

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
URL = "https://www.example.com/webhook_uri"
BODY = b"{'example_field':'example_value'}"
AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
NOW_MS = str(int(AT.timestamp() * 1_000))


def headers_for(url: str, body: bytes, timestamp: str = NOW_MS, secret: str = SECRET) -> dict[str, str]:
    return {SIGNATURE: sign(secret, "POST", url, body, timestamp), TIMESTAMP: timestamp}


def test_the_published_signature_of_version_3() -> None:
    assert sign(SECRET, "POST", URL, BODY, "15000000") == "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw="


def test_published_signatures_of_versions_1_and_2_are_refused() -> None:
    first = hashlib.sha256(SECRET.encode() + BODY).hexdigest()
    second = hashlib.sha256(f"{SECRET}GET{URL}".encode()).hexdigest()
    assert first == "69fc6631a867edd4f9e9e627fc5c1148e3fbdd8b21837b6d2b8901c1fa57f750"
    assert second == "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
    for version, signature, method, body in (("v1", first, "POST", BODY), ("v2", second, "GET", b"")):
        headers = {"x-hubspot-signature": signature, "x-hubspot-signature-version": version, TIMESTAMP: NOW_MS}
        for also in ({}, {SIGNATURE: signature}):
            with pytest.raises(ForgedEventError):
                verify(SECRET, method, URL, {**headers, **also}, body, AT)


ESCAPED = "%3A %2F %3F %40 %21 %24 %27 %28 %29 %2A %2C %3B %3a %2f"


@pytest.mark.parametrize("escaped", ESCAPED.split())
def test_hubspot_signs_the_decoded_address(escaped: str) -> None:
    char = bytes.fromhex(escaped[1:]).decode()
    called, signed = f"{URL}?next=a{escaped}b%20c", f"{URL}?next=a{char}b%20c"
    base = f"POST{signed}".encode() + BODY + NOW_MS.encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), base, "sha256")).decode()
    verify(SECRET, "POST", called, {SIGNATURE: signature, TIMESTAMP: NOW_MS}, BODY, AT)


@pytest.mark.parametrize(
    "change",
    [
        {"secret": "another"},
        {"secret": ""},
        {"method": "GET"},
        {"url": f"{URL}?a=1"},
        {"body": BODY + b" "},
        {"now": AT + timedelta(minutes=5, seconds=1)},
        {"now": AT - timedelta(minutes=5, seconds=1)},
        {"headers": {}},
        {"headers": {SIGNATURE: "é", TIMESTAMP: NOW_MS}},
        {"headers": {**headers_for(URL, BODY), TIMESTAMP: "9" * 20}},
        {"headers": {**headers_for(URL, BODY), TIMESTAMP: "soon"}},
        {"headers": {**headers_for(URL, BODY), TIMESTAMP: str(int(NOW_MS) + 1)}},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    given = {"secret": SECRET, "method": "POST", "url": URL, "headers": headers_for(URL, BODY), "body": BODY, "now": AT}
    verify(**given)
    verify(**{**given, "now": AT + timedelta(minutes=4, seconds=59)})
    with pytest.raises(ForgedEventError):
        verify(**{**given, **change})


def test_repeated_events_have_one_id_and_our_own_scores_none() -> None:
    event = {
        "eventId": 1,
        "occurredAt": 1_564_113_600_000,
        "subscriptionType": "contact.propertyChange",
        "propertyName": "hs_lead_status",
        "objectId": 123,
    }
    other = {**event, "eventId": 9, "attemptNumber": 2}
    score = {**event, "propertyName": "lw_band"}
    found = list(read_events(json.dumps([event, other, score]).encode()))
    assert len(found) == 2
    assert {item.event_id for item in found} == {"contact.propertyChange:123:1564113600000:hs_lead_status"}
    assert found[0].occurred_at == datetime(2019, 7, 26, 4, tzinfo=UTC)


def test_merge_association_and_erasure_name_every_record() -> None:
    events = [
        {"subscriptionType": "contact.merge", "objectId": 5, "primaryObjectId": 5, "mergedObjectIds": [6, 7]},
        {"subscriptionType": "contact.associationChange", "fromObjectId": 8, "toObjectId": 9},
        {"subscriptionType": "contact.privacyDeletion", "objectId": 10},
        {"subscriptionType": "object.creation", "objectTypeId": "0-136", "objectId": 11},
        {"subscriptionType": "conversation.newMessage", "objectId": 12},
    ]
    found = list(read_events(json.dumps(events).encode()))
    assert [(item.object, item.record_id, item.erase) for item in found] == [
        ("contacts", "5", False),
        ("contacts", "6", False),
        ("contacts", "7", False),
        ("contacts", "8", False),
        ("contacts", "10", True),
        ("leads", "11", False),
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b"null"])
def test_a_body_that_is_no_list_of_events_is_refused(body: bytes) -> None:
    with pytest.raises(ForgedEventError):
        list(read_events(body))


@contextmanager
def receiving(connector: HubSpotConnector, public: str) -> Iterator[tuple[str, list[RecordEvent]]]:
    """Serve a webhook that a proxy publishes at another address."""
    from crm.sandbox.crm_peer import CrmPeer
    from leadworth.peer_server import serve_peer

    found: list[RecordEvent] = []

    class Receiver(CrmPeer):
        name = "receiver"

        def app(self) -> Starlette:
            async def receive(request: Request) -> Response:
                headers = {name.lower(): value for name, value in request.headers.items()}
                try:
                    found.extend(connector.events(request.method, public, headers, await request.body()))
                except ForgedEventError:
                    return Response(status_code=401)
                return Response(status_code=202)

            return Starlette(routes=[Route("/v1/crm/hubspot/events", receive, methods=["POST"])])

        def settings(self, address: str) -> dict[str, str]:
            return {}

    with serve_peer(Receiver(quick_peer().account)) as address:
        yield f"{address}/v1/crm/hubspot/events", found


def test_what_people_do_arrives_once_and_our_own_writes_do_not() -> None:
    peer = quick_peer()
    public = "https://leads.example.org/v1/crm/hubspot/events?tenant=a%3Ab"
    edited, deleted, erased, merged, kept = seed(peer, 5)
    company = peer.account.create("companies", {"name": "Example"})
    with connected(peer) as connector, receiving(connector, public) as (url, found):
        assert peer.send_events(url, public_url=public) == [202]
        assert {item.record_id for item in found} == {edited, deleted, erased, merged, kept, company}
        found.clear()
        connector.create_score_fields("contacts")
        connector.write("contacts", [ScoreRow(edited, {"lw_band": "A"})])
        peer.account.edit("contacts", edited, {"hs_lead_status": "CONNECTED"})
        peer.account.delete("contacts", deleted)
        peer.batches.erase("contacts", {"objectId": erased})
        peer.account.merge("contacts", kept, merged)
        peer.account.link("contacts", kept, RecordLink("companies", company, "primary"))
        statuses = peer.send_events(url, public_url=public, repeated=True, reverse=True)
        assert statuses == [202, 202]
        once = {item.event_id: (item.object, item.record_id, item.erase) for item in found}
        assert len(found) == 2 * len(once)
        assert set(once.values()) == {
            ("contacts", edited, False),
            ("contacts", deleted, False),
            ("contacts", erased, True),
            ("contacts", kept, False),
            ("contacts", merged, False),
            ("companies", company, False),
        }
        assert not any("lw_" in key for key in once)
        assert peer.send_events(url, public_url=public) == []


@pytest.mark.parametrize(
    "fault", [{"forged": True}, {"age": timedelta(minutes=6)}, {"public_url": "https://elsewhere"}]
)
def test_forged_late_and_misdirected_requests_are_refused(fault: dict[str, Any]) -> None:
    peer = quick_peer()
    seed(peer, 1)
    public = "https://leads.example.org/v1/crm/hubspot/events"
    with connected(peer) as connector, receiving(connector, public) as (url, found):
        assert peer.send_events(url, **{"public_url": public, **fault}) == [401]
        assert found == []
