"""Fields, stages, owners, associations, histories, counts and settings of a HubSpot account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector, info_for
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.connectors.hubspot.settings import HubSpotSection
from leadworth.crm_catalog import ObjectRole, crms
from leadworth.crm_records import RecordLink, RecordState, StageMeaning
from leadworth.errors import ConfigurationError
from leadworth.records import Lead
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


def test_owners_who_left_are_read_too(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    stays = peer.account.create("owners", {"email": "ada@example.org", "userId": "5"})
    left = peer.account.create("owners", {"email": "bob@example.org"})
    peer.account.delete("owners", left)
    found = {item.record_id: item for item in records(connector.pages("owners", ["email"], None))}
    assert found[stays].state is RecordState.LIVE
    assert (found[left].state, found[left].values) == (RecordState.ARCHIVED, {"email": "bob@example.org"})
    assert [item.state for item in connector.read("owners", [stays, "99"], [])] == [
        RecordState.LIVE,
        RecordState.DELETED,
    ]
    assert connector.count("owners") is None


def test_associations_are_read_for_unchanged_records_with_the_primary_company(
    peer: HubSpotPeer, connector: HubSpotConnector
) -> None:
    one, two = seed(peer, 2)
    main, other = seed(peer, 2, "companies")
    deal = peer.account.create("deals", {"dealstage": "closedwon"})
    before = connector.read("contacts", [one], [])[0].modified_at
    peer.account.link("contacts", one, RecordLink("companies", main, "primary"))
    peer.account.link("contacts", one, RecordLink("companies", other))
    peer.account.link("contacts", one, RecordLink("deals", deal, "Decision maker"))
    assert connector.read("contacts", [one], [])[0].modified_at == before
    links = connector.links("contacts", [one, two])
    assert set(links[one]) == {
        RecordLink("companies", main, "primary"),
        RecordLink("companies", other),
        RecordLink("deals", deal, "Decision maker"),
    }
    assert links[two] == ()
    assert connector.links("deals", [deal])[deal] == (RecordLink("contacts", one),)
    peer.account.unlink("contacts", one, RecordLink("companies", other))
    assert len(connector.links("contacts", [one])[one]) == 2


def test_associations_beyond_a_page_are_read(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    (company,) = seed(peer, 1, "companies")
    deals = seed(peer, 12, "deals")
    (contact,) = seed(peer, 1)
    peer.limits.targets = 5
    for deal in deals:
        peer.account.link("contacts", contact, RecordLink("deals", deal))
    peer.account.link("contacts", contact, RecordLink("companies", company))
    found = connector.links("contacts", [contact])[contact]
    assert [link.to_id for link in found if link.to_object == "deals"] == deals


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


def test_a_formula_is_calculated_and_not_writable(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    peer.objects.rules_of("deals").defined["hs_is_closed"].update(calculated=True, type="bool")
    fields = {field.name: field for field in connector.fields("deals")}
    assert (fields["hs_is_closed"].calculated, fields["hs_is_closed"].writable) == (True, False)
    assert not fields["hs_object_id"].writable
    assert fields["amount"].writable
    statuses = {field.name: field for field in connector.fields("contacts")}["hs_lead_status"].options
    assert "UNQUALIFIED" in statuses


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
