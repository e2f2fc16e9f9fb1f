"""A Pipedrive account: fields, stages, records of all lists, removals, and settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm.connector import SyncWindow
from crm.connectors.pipedrive.connector import PipedriveConnector, connect
from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.settings import PipedriveSection
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import RecordLink, RecordState, StageMeaning
from leadworth.errors import ConfigurationError
from leadworth.records import Lead
from simulation import simulate
from simulation.crm_accounts import fill_account
from tests.crm.connectors.pipedrive.pipedrive_account import (
    ALL_TIME,
    connected,
    quick_peer,
    records,
    seed,
    shared_client,
)


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


@pytest.fixture
def connector(peer: PipedrivePeer) -> Iterator[PipedriveConnector]:
    with connected(peer) as connector:
        yield connector


def test_the_catalog_maps_fields_of_a_lead_that_are_read_and_not_late() -> None:
    info = crms()["pipedrive"]
    lead = info.objects["leads"]
    assert set(info.columns) <= set(Lead.model_fields)
    assert set(info.columns.values()) <= {*lead.fields, lead.created}
    assert not set(info.columns.values()) & set(lead.late)
    named = {info.deal.stage, info.deal.amount, info.deal.currency, info.deal.closed_at, info.deal.lead}
    assert named <= set(info.objects["deals"].fields)
    assert info.with_role(ObjectRole.COMPANY) == ("organizations",)


def test_all_objects_of_the_catalog_can_be_read(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    for name, item in connector.info.objects.items():
        made = seed(peer, 2, name)
        for window in (None, ALL_TIME):
            assert [record.record_id for record in records(connector.pages(name, item.fields, window))] == made
        assert connector.links(name, made) == dict.fromkeys(made, ())
        assert [record.state for record in connector.read(name, made, item.fields)] == [RecordState.LIVE] * 2
        assert [key for ids in connector.ids(name) for key in ids] == made
        assert {item.created, item.modified} <= {field.name for field in connector.fields(name)}


def test_archived_deals_are_a_list_of_their_own_and_none_is_missed(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    deals = seed(peer, 130, "deals")
    for key in deals[::2]:
        peer.account.archive("deals", key)
    for window in (None, ALL_TIME):
        found = {record.record_id: record.state for record in records(connector.pages("deals", ["title"], window))}
        assert found == {
            key: RecordState.LIVE if place % 2 else RecordState.ARCHIVED for place, key in enumerate(deals)
        }
    assert sorted(key for ids in connector.ids("deals") for key in ids) == sorted(deals)


def test_each_bookmark_goes_on_in_another_process(peer: PipedrivePeer) -> None:
    deals = seed(peer, 520, "deals")
    leads = seed(peer, 510)
    for key in deals[:10]:
        peer.account.archive("deals", key)
    for name, made in (("deals", deals), ("leads", leads)):
        found: list[str] = []
        bookmark, steps = "", 0
        while steps == 0 or bookmark:
            with connected(peer) as connector:
                page = next(connector.pages(name, ["title"], None, bookmark))
            found += [record.record_id for record in page.records]
            bookmark, steps = page.bookmark, steps + 1
        assert steps > 2
        assert set(found) == set(made)


def test_removals_are_the_deleted_and_merged_deals_of_the_window(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    early, late, lost, kept = seed(peer, 4, "deals")
    peer.account.delete("deals", early)
    peer.account.clock.advance(hours=2)
    start = peer.account.clock.now()
    peer.account.delete("deals", late)
    peer.account.merge("deals", kept, lost)
    found = records(connector.removals("deals", SyncWindow(start, start + timedelta(hours=1))))
    assert {(record.record_id, record.state) for record in found} == {
        (late, RecordState.DELETED),
        (lost, RecordState.DELETED),
    }
    assert records(connector.removals("leads", ALL_TIME)) == []
    assert [record.state for record in connector.read("deals", [lost, kept], [])] == [
        RecordState.DELETED,
        RecordState.LIVE,
    ]


def test_won_and_lost_are_stages_beside_those_of_the_pipelines(
    peer: PipedrivePeer, connector: PipedriveConnector
) -> None:
    stages = {stage.value: (stage.meaning, stage.pipeline) for stage in connector.stages()}
    assert stages == {
        **dict.fromkeys(("1", "2", "3"), (StageMeaning.OPEN, "Sales")),
        "won": (StageMeaning.WON, ""),
        "lost": (StageMeaning.LOST, ""),
    }
    moment = peer.account.clock.now()
    key = peer.account.create("deals", {"stage": "2", "value": 100.0})
    peer.account.edit("deals", key, {"stage": "won", "close_time": moment.isoformat()})
    (record,) = connector.read("deals", [key], ["stage", "status", "stage_id", "value", "close_time"])
    closed = moment.replace(microsecond=0).isoformat()
    assert record.values == {"stage": "won", "status": "won", "stage_id": 2, "value": 100.0, "close_time": closed}


def test_associations_come_with_the_records(peer: PipedrivePeer, connector: PipedriveConnector) -> None:
    lead = peer.account.create("leads", {"person_email": "a@example.org", "organization_name": "Acme"})
    (person,), (company,) = peer.account.of("persons"), peer.account.of("organizations")
    links = (RecordLink("organizations", company, "primary"), RecordLink("persons", person))
    (record,) = records(connector.pages("leads", [], None))
    assert record.links == links
    assert connector.links("leads", [lead]) == {lead: links}


def test_a_simulated_business_is_read_whole_with_its_wins(peer: PipedrivePeer) -> None:
    seeded = fill_account(peer, simulate(leads=80, months=4))
    with connected(peer) as connector:
        info = connector.info
        names = [field.name for field in connector.fields("leads")]
        leads = {record.record_id: record for record in records(connector.pages("leads", names, None))}
        deals = records(connector.pages("deals", info.objects["deals"].fields, None))
    assert leads.keys() == set(seeded.leads.values())
    converted = {record.values["source_lead_id"] for record in deals}
    assert converted == {seeded.leads[lead] for lead in seeded.deals}
    assert {key for key, record in leads.items() if record.state is RecordState.ARCHIVED} == converted
    for key, record in leads.items():
        there = peer.account.of("leads")[key].values
        for name in seeded.columns.values():
            assert str(record.values[name]) == str(there.get(name)), name


def test_the_section_needs_a_token_or_an_app() -> None:
    assert PipedriveSection().missing_secrets() == ["token"]
    assert PipedriveSection(refresh_token="r").missing_secrets() == ["client_id", "client_secret"]
    assert PipedriveSection(refresh_token="r", client_id="c", client_secret="s").in_use()
    assert PipedriveSection(token="t").in_use()
    with pytest.raises(ConfigurationError, match="leads"):
        connect(PipedriveSection(token="t", lead_object="deals"), shared_client())
