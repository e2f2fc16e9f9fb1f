"""The account on this machine, read and written by HubSpot's own client, which refuses answers of another shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.connectors.hubspot.hubspot_events import sign
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.crm_records import RecordLink
from leadworth.peer_server import serve_peer
from tests.crm.connectors.hubspot.hubspot_account import quick_peer, seed

hubspot = pytest.importorskip("hubspot", reason="HubSpot's client (hubspot-api-client) is not installed")


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def client(peer: HubSpotPeer) -> Iterator[Any]:
    with serve_peer(peer) as address:
        yield hubspot.Client(access_token=peer.token, host=address, client_side_validation=True)


def test_records_are_listed_searched_and_read(peer: HubSpotPeer, client: Any) -> None:
    first, second, gone = seed(peer, 3)
    peer.account.edit("contacts", first, {"hs_lead_status": "NEW"})
    peer.account.delete("contacts", gone)
    contacts = client.crm.contacts
    page = contacts.basic_api.get_page(
        limit=1, properties=["email", "firstname"], properties_with_history=["hs_lead_status"]
    )
    assert [item.id for item in page.results] == [first]
    assert page.results[0].properties["firstname"] == "n0"
    version = page.results[0].properties_with_history["hs_lead_status"][0]
    assert (version.value, version.source_type) == ("NEW", "CRM_UI")
    assert isinstance(version.timestamp, datetime)
    rest = contacts.basic_api.get_page(limit=1, after=page.paging.next.after)
    assert ([item.id for item in rest.results], rest.paging) == ([second], None)
    (archived,) = contacts.basic_api.get_page(archived=True).results
    assert (archived.id, archived.archived) == (gone, True)
    assert archived.archived_at > archived.created_at
    filters = [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "0"}]
    found = contacts.search_api.do_search({"filterGroups": [{"filters": filters}], "limit": 1, "properties": ["email"]})
    assert (found.total, len(found.results), found.paging.next.after) == (2, 1, "1")
    inputs = {"inputs": [{"id": second}], "properties": ["firstname", "email"], "propertiesWithHistory": []}
    read = contacts.batch_api.read(inputs)
    assert (read.status, read.results[0].properties["firstname"]) == ("COMPLETE", "n1")


def test_failed_rows_are_errors_of_the_answer(peer: HubSpotPeer, client: Any) -> None:
    (key,) = seed(peer, 1)
    inputs = {"inputs": [{"id": key}, {"id": "99"}], "properties": [], "propertiesWithHistory": []}
    content, status, _ = client.crm.contacts.batch_api.read_with_http_info(inputs)
    assert (status, content.num_errors, content.errors[0].category) == (207, 1, "OBJECT_NOT_FOUND")
    assert content.errors[0].context["ids"] == ["99"]


def test_properties_are_created_and_written(peer: HubSpotPeer, client: Any) -> None:
    (key,) = seed(peer, 1)
    properties = client.crm.properties
    group = properties.groups_api.create("contacts", {"name": "leadworth", "label": "leadworth", "displayOrder": -1})
    assert group.name == "leadworth"
    wanted = {"name": "lw_x", "label": "x", "groupName": "leadworth", "type": "number", "fieldType": "number"}
    assert properties.core_api.create("contacts", wanted).type == "number"
    with pytest.raises(hubspot.crm.properties.exceptions.ApiException) as raised:
        properties.core_api.create("contacts", wanted)
    assert raised.value.status == 409
    names = {item.name: item for item in properties.core_api.get_all("contacts").results}
    assert {option.value for option in names["hs_lead_status"].options} >= {"NEW", "UNQUALIFIED"}
    inputs = [{"id": key, "properties": {"lw_x": "0.5"}, "objectWriteTraceId": "row 1"}]
    updated = client.crm.contacts.batch_api.update({"inputs": inputs})
    assert updated.results[0].properties["lw_x"] == "0.5"
    assert updated.results[0].object_write_trace_id == "row 1"
    with pytest.raises(hubspot.crm.contacts.exceptions.ApiException) as refused:
        client.crm.contacts.batch_api.update({"inputs": [{"id": key, "properties": {"unknown": "1"}}]})
    assert refused.value.status == 400


def test_associations_pipelines_owners_merges_and_erasure(peer: HubSpotPeer, client: Any) -> None:
    one, two, three = seed(peer, 3)
    (company,) = seed(peer, 1, "companies")
    peer.account.link("contacts", one, RecordLink("companies", company, "primary"))
    inputs = {"inputs": [{"id": one}, {"id": two}]}
    found = client.crm.associations.v4.batch_api.get_page("contacts", "companies", inputs)
    ((target,),) = [result.to for result in found.results]
    assert (found.results[0]._from.id, str(target.to_object_id)) == (one, company)
    assert {(item.type_id, item.label) for item in target.association_types} == {(1, "Primary"), (279, None)}
    stages = {stage.id: stage for stage in client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages}
    assert stages["closedwon"].metadata == {"isClosed": "true", "probability": "1.0"}
    peer.account.create("owners", {"email": "ada@example.org", "firstName": "Ada", "lastName": "L", "userId": 5})
    (owner,) = client.crm.owners.owners_api.get_page().results
    assert (owner.email, owner.archived) == ("ada@example.org", False)
    merged = client.crm.contacts.basic_api.merge({"primaryObjectId": one, "objectIdToMerge": two})
    assert merged.properties["hs_merged_object_ids"] == two
    assert client.crm.contacts.basic_api.get_by_id(two).id == one
    client.crm.contacts.basic_api.purge({"objectId": three})
    assert three not in peer.account.of("contacts")


def test_the_client_accepts_our_signature() -> None:
    from hubspot.utils.signature import Signature

    timestamp = str(int(datetime.now(UTC).timestamp() * 1_000))
    url, body = "https://www.example.com/webhook_uri?a=b", '[{"eventId":1}]'
    ours = sign("secret", "POST", url, body.encode(), timestamp)
    assert Signature.is_valid(ours, "secret", body, url, "POST", "v3", timestamp)
