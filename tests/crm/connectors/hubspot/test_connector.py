"""Fields, stages, owners, associations, histories, counts and settings of a HubSpot account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector, info_for
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.connectors.hubspot.settings import HubSpotSection
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import RecordLink, RecordState
from leadworth.errors import ConfigurationError
from leadworth.records import Lead
from tests.crm.connector_bench import connector_bench
from tests.crm.connectors.hubspot.hubspot_account import ALL_TIME, connected, ids, quick_peer, records, seed


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def connector(peer: HubSpotPeer) -> Iterator[HubSpotConnector]:
    with connected(peer) as connector:
        yield connector


def test_the_catalog_maps_fields_of_a_lead_and_reads_every_mapped_property() -> None:
    info = crms()["hubspot"]
    assert set(info.columns) <= set(Lead.model_fields)
    assert set(info.columns.values()) <= set(info.objects["contacts"].fields)
    deal = info.objects["deals"]
    assert {info.deal.stage, info.deal.amount, info.deal.currency, info.deal.closed_at} <= set(deal.fields)
    assert not set(info.columns.values()) & set(info.objects["contacts"].late)
    for item in info.objects.values():
        assert set(item.links) <= set(info.objects)


def test_contacts_are_people_where_leads_are_scored() -> None:
    assert info_for("").with_role(ObjectRole.LEAD) == ("contacts",)
    assert info_for("leads").with_role(ObjectRole.LEAD) == ("leads",)
    assert info_for("leads").with_role(ObjectRole.PERSON) == ("contacts",)
    with pytest.raises(ConfigurationError, match="contacts, leads"):
        info_for("tickets")


def test_all_objects_of_the_catalog_can_be_read(peer: HubSpotPeer) -> None:
    with connected(peer, lead_object="leads") as connector:
        for name, item in connector.info.objects.items():
            made = seed(peer, 2, name)
            for window in (None, ALL_TIME):
                assert ids(records(connector.pages(name, item.fields, window))) == made
            assert connector.links(name, made) == dict.fromkeys(made, ())
            assert [record.state for record in connector.read(name, made, item.fields)] == [RecordState.LIVE] * 2


def test_the_history_of_stages_and_amounts_is_in_order_of_time(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    deals = seed(peer, 60, "deals")
    for stage, amount in (("appointmentscheduled", "100"), ("closedwon", "250"), ("contractsent", "240")):
        peer.account.clock.advance(days=1)
        peer.account.edit("deals", deals[7], {"dealstage": stage, "amount": amount, "dealname": stage})
    changes = list(connector.changes("deals", deals))
    assert {change.record_id for change in changes} == {deals[7]}
    assert [change.value for change in changes if change.field == "dealstage"] == [
        "appointmentscheduled",
        "closedwon",
        "contractsent",
    ]
    assert [change.value for change in changes if change.field == "amount"] == ["100", "250", "240"]
    assert [change.valid_at for change in changes] == sorted(change.valid_at for change in changes)
    assert list(connector.changes("companies", ["1"])) == []


def test_a_count_of_the_account_agrees_with_the_ids(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    seed(peer, 230)
    pages = list(connector.ids("contacts"))
    assert [len(page) for page in pages] == [100, 100, 30]
    assert connector.count("contacts") == 230


def test_an_echo_is_known_only_where_the_user_of_the_token_is(peer: HubSpotPeer) -> None:
    ours, theirs, unknown = seed(peer, 3)
    peer.account.edit("contacts", ours, {"firstname": "x"}, by=peer.batches.api_user)
    peer.account.edit("contacts", theirs, {"firstname": "x"}, by="51")
    for user, expected in ((peer.batches.api_user, [True, False, None]), ("", [None, None, None])):
        with connected(peer, user=user) as connector:
            found = connector.read("contacts", [ours, theirs, unknown], [])
            assert [connector.is_own_change(record) for record in found] == expected


def test_the_section_needs_a_token_or_an_app() -> None:
    assert HubSpotSection().missing_secrets() == ["token"]
    assert not HubSpotSection().in_use()
    assert HubSpotSection(refresh_token="r").missing_secrets() == ["client_id", "client_secret"]
    assert HubSpotSection(refresh_token="r", client_id="c", client_secret="s").in_use()
    assert HubSpotSection(token="t").in_use()


def test_small_pages_share_a_request_for_associations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    links = HubSpotConnector.links

    def counted(self: HubSpotConnector, object_name: str, ids: Sequence[str]) -> Mapping[str, tuple[RecordLink, ...]]:
        asked.append(len(ids))
        return links(self, object_name, ids)

    monkeypatch.setattr(HubSpotConnector, "links", counted)
    with connector_bench("hubspot", tmp_path) as bench:
        for number in range(120):  # three pages of the list
            bench.account.create("contacts", {"firstname": f"n{number}"})
        bench.account.clock.advance(hours=1)
        report = bench.sync()
    assert report is not None
    assert (report.rows["contacts"].new, asked) == (120, [120])
