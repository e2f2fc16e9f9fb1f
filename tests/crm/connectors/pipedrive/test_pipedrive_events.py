"""Webhooks of Pipedrive: who sent them, which records to read again, and our own writes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.connector import ForgedEventError
from crm.connectors.pipedrive.connector import PipedriveConnector
from crm.connectors.pipedrive.peer import API_USER, PipedrivePeer
from crm.connectors.pipedrive.pipedrive_events import ENTITIES, read_event, verify_caller
from leadworth.crm_records import RecordEvent, ScoreRow
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer, seed

URL = "https://leads.example/crm/events/pipedrive"


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


@pytest.fixture
def connector(peer: PipedrivePeer) -> Iterator[PipedriveConnector]:
    with connected(peer) as connector:
        connector.create_score_fields("leads")
        yield connector


def received(peer: PipedrivePeer, connector: PipedriveConnector, **options: bool) -> list[RecordEvent]:
    """Return the events that the connector reads out of what happened."""
    headers = peer.event_headers()
    bodies = peer.event_bodies(**options)
    return [event for body in bodies for event in connector.events("POST", URL, headers, body)]


def test_repeated_and_paired_events_have_one_id_each(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    person = peer.account.create("persons", {"name": "Ada"})
    found = received(peer, connector, repeated=True, reverse=True)
    assert len(found) == 4  # created and changed, each sent twice
    assert {(event.object, event.record_id) for event in found} == {("persons", person)}
    assert len({event.event_id for event in found}) == 1
    peer.account.clock.advance(seconds=1)
    peer.account.edit("persons", person, {"name": "Ada L."})
    assert {event.event_id for event in received(peer, connector)}.isdisjoint(event.event_id for event in found)


def test_our_own_scores_start_nothing_and_the_work_of_others_does(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    first, second = seed(peer, 2)
    deal = peer.account.create("deals", {"stage": "1"})
    received(peer, connector)
    connector.write("leads", [ScoreRow(first, {"lw_band": "A"}), ScoreRow(second, {"lw_band": "A"})])
    connector.write("deals", [ScoreRow(deal, {"lw_band": "A"})])
    assert received(peer, connector) == []
    peer.account.edit("leads", second, {"title": "by another tool with our token"}, by=API_USER)
    assert [event.record_id for event in received(peer, connector)] == [second]
    band = connector._fields.scores("leads")["lw_band"].code
    peer.account.edit("leads", first, {band: None})
    assert [event.record_id for event in received(peer, connector)] == [first]


def test_ten_rounds_of_scores_and_events_do_not_start_each_other(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    (lead,) = seed(peer, 1)
    received(peer, connector)
    for number in range(10):
        for event in received(peer, connector) or [RecordEvent("first", "leads", lead)]:
            connector.write("leads", [ScoreRow(event.record_id, {"lw_band": "ABCDE"[number % 5]})])
    assert len(peer.account.writes) == 10
    assert received(peer, connector) == []


def test_a_merge_names_both_records(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    kept, lost = seed(peer, 2, "deals")
    received(peer, connector)
    peer.account.merge("deals", kept, lost)
    assert {event.record_id for event in received(peer, connector)} == {kept, lost}


def test_a_conversion_names_the_lead_and_the_deal(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    (lead,) = seed(peer, 1)
    received(peer, connector)
    deal = peer.account.convert(lead, {"stage": "1"})
    found = {(event.object, event.record_id) for event in received(peer, connector)}
    assert found == {("leads", lead), ("deals", deal)}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer x"},
        {"authorization": "Basic ???"},
        {"authorization": "Basic bGVhZHdvcnRoOg=="},
        {"authorization": "Basic"},
    ],
)
def test_a_request_without_user_and_password_is_forged(connector: PipedriveConnector, headers: dict[str, str]) -> None:
    with pytest.raises(ForgedEventError, match="user and password"):
        connector.events("POST", URL, headers, b"{}")


def test_a_wrong_password_and_settings_without_one_are_refused(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    seed(peer, 1)
    (body, *_) = peer.event_bodies()
    with pytest.raises(ForgedEventError):
        connector.events("POST", URL, peer.event_headers(forged=True), body)
    with pytest.raises(ForgedEventError, match="webhook_password"):
        verify_caller("leadworth", "", peer.event_headers())
    assert connector.events("POST", URL, peer.event_headers(), body)


scalars = st.none() | st.integers() | st.text(max_size=5)
names = st.sampled_from(["meta", "version", "entity", "entity_id"])
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner), max_leaves=6
)


@settings(max_examples=30)
@given(body=st.binary(max_size=40) | documents.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_an_event_or_forged(body: bytes) -> None:
    try:
        found = list(read_event(body, lambda _: False))
    except ForgedEventError:
        return
    assert all(event.object in ENTITIES.values() and event.record_id for event in found)
