"""Leads with their person and organization, and converted leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crm.connector import SyncWindow
from crm.connectors.pipedrive.connector import PipedriveConnector
from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.pipedrive_leads import created_at
from leadworth.crm_catalog import crms
from leadworth.crm_records import CONVERTED_LINK, RecordLink, RecordState
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer, records, seed

FORM = {
    "title": "Demo",
    "person_first_name": "Ada",
    "person_last_name": "Lovelace",
    "person_email": "ada@example.org",
    "person_phone": "+44 20 7946 0000",
    "organization_name": "Engines Ltd",
    "organization_website": "engines.example",
    "channel": "Google Ads",
    "origin": "API",
}


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


@pytest.fixture
def connector(peer: PipedrivePeer) -> Iterator[PipedriveConnector]:
    with connected(peer) as connector:
        yield connector


def test_a_lead_has_what_its_person_and_organization_hold(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    lead = peer.account.create("leads", {**FORM, "labels": "Junk", "value": 500.0})
    (record,) = records(connector.pages("leads", [*FORM, "labels", "value", "currency", "person_name"], None))
    assert record.record_id == lead
    assert record.values == {
        **FORM,
        "labels": "Junk",
        "value": 500.0,
        "currency": "EUR",
        "person_name": "Ada Lovelace",
    }


def test_only_the_primary_address_is_joined_and_a_lead_without_a_person_has_none(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    peer.account.create("leads", {"person_email": "first@example.org;second@example.org"})
    peer.account.create("leads", {"title": "nobody"})
    found = records(connector.pages("leads", ["person_email", "person_phone"], None))
    assert [record.values for record in found] == [
        {"person_email": "first@example.org", "person_phone": None},
        {"person_email": None, "person_phone": None},
    ]


def test_an_archived_lead_is_read_in_both_ways(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    live, kept = seed(peer, 2)
    peer.account.archive("leads", kept)
    found = {record.record_id: record.state for record in records(connector.pages("leads", ["title"], None))}
    assert found == {live: RecordState.LIVE, kept: RecordState.ARCHIVED}
    assert [record.state for record in connector.read("leads", [kept, live], ["title"])] == [
        RecordState.ARCHIVED,
        RecordState.LIVE,
    ]


def test_a_converted_lead_stays_with_what_it_had_and_nothing_that_sales_decided(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    custom = peer.create_fields("leads", ["utm_source"])["utm_source"]
    at = datetime(2026, 3, 1, 8, 30, 15, tzinfo=UTC)
    lead = peer.account.create("leads", {**FORM, custom: "ads", "value": 10.0}, at=at)
    names = [*FORM, custom, "value", "labels", "owner_id", "deal_id"]
    (before,) = records(connector.pages("leads", names, None))
    deal = peer.account.convert(lead, {"stage": "1", "value": 9_000.0})
    peer.account.edit("deals", deal, {"stage": "won"})
    now = peer.account.clock.now()
    window = SyncWindow(now - timedelta(minutes=5), now + timedelta(minutes=5))
    expected = {**before.values, "value": None, "labels": None, "deal_id": int(deal)} | {"owner_id": 1}
    for found in (
        records(connector.pages("leads", names, None)),
        connector.completed("leads", records(connector.pages("leads", names, window))),
        connector.read("leads", [lead], names),
    ):
        (record,) = found
        assert (record.record_id, record.state) == (lead, RecordState.ARCHIVED)
        assert record.values == expected
        assert set(record.links or ()) == {*(before.links or ()), RecordLink("deals", deal, CONVERTED_LINK)}
        assert record.created_at == before.created_at == at
    assert [key for ids in connector.ids("leads") for key in ids] == [lead]
    late = crms()["pipedrive"].objects["leads"].late
    assert {"value", "labels", "owner_id", "deal_id"} <= set(late)


def test_what_only_open_or_only_converted_leads_have_is_never_known_at_submit(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    item = crms()["pipedrive"].objects["leads"]
    opened, closed = peer.account.create("leads", FORM), peer.account.create("leads", FORM)
    peer.account.convert(closed, {"stage": "1"})
    fields = [field.name for field in connector.fields("leads")]
    by_id = {record.record_id: record.values for record in records(connector.pages("leads", fields, None))}
    differing = {name for name in fields if (by_id[opened][name] is None) != (by_id[closed][name] is None)}
    assert differing <= set(item.late)


def test_a_lead_that_is_gone_is_deleted_unless_a_deal_names_it(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    gone, first, second = seed(peer, 3)
    peer.account.delete("leads", gone)
    peer.account.convert(first, {"stage": "1"})
    assert [record.state for record in connector.read("leads", [gone, first], ["title"])] == [
        RecordState.DELETED,
        RecordState.ARCHIVED,
    ]
    peer.account.clock.advance(seconds=5)
    deal = peer.account.convert(second, {"stage": "1"})
    assert connector.read("leads", [second], ["title"])[0].state is RecordState.ARCHIVED
    peer.account.delete("deals", deal)
    assert connector.read("leads", [second], ["title"])[0].state is RecordState.DELETED


def test_the_deal_of_a_lead_is_looked_for_only_among_those_created_since(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    at = peer.account.clock.now() - timedelta(days=400)
    for number in range(1_200):
        peer.account.create("deals", {"stage": "1"}, at=at + timedelta(minutes=number))
    gone, converted = seed(peer, 2)
    peer.account.delete("leads", gone)
    deal = peer.account.convert(converted, {"stage": "1"})
    before = peer.budget.spent
    assert connector._leads.deals_of([gone]) == {}
    assert connector._leads.deals_of([converted]) == {converted: deal}
    assert peer.budget.spent - before == 10 + 20  # one page of each list


def test_the_time_of_an_id_counts_only_where_it_can_be_true() -> None:
    converted = datetime(2026, 1, 5, tzinfo=UTC)
    for lead in ("adf21080-0e10-1eb0-879b-05d71fb426ec", "35b0d604-1111-4111-8111-111111111111"):
        assert created_at(lead, converted) == converted
    early = datetime(2019, 1, 1, tzinfo=UTC)
    assert created_at("adf21080-0e10-11eb-879b-05d71fb426ec", early) == early
