"""Fields with keys of the account, choices by labels, and the fields of scores."""

from __future__ import annotations

import pytest

from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.pipedrive_fields import without_nesting
from crm.crm_proposal import propose_mapping
from crm.score_fields import SCORE_FIELDS
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer, records, seed

NAMES = [field.name for field in SCORE_FIELDS]


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


def test_custom_fields_of_leads_and_deals_are_read_by_their_key(peer: PipedrivePeer) -> None:
    made = peer.fields.create(
        {"field_name": "Fair", "field_type": "enum", "options": [{"label": "Milan"}, {"label": "Paris"}]}
    )
    key, option = str(made["field_code"]), made["options"][1]["id"]
    for name in ("leads", "deals"):
        peer.account.create(name, {key: option})
        with connected(peer) as connector:
            (field,) = [field for field in connector.fields(name) if field.label == "Fair"]
            assert (len(field.name), field.kind, dict(field.options)) == (
                40,
                "enum",
                {"Milan": "Milan", "Paris": "Paris"},
            )
            assert [record.values for record in records(connector.pages(name, [key], None))] == [{key: "Paris"}]


def test_a_field_that_was_added_between_runs_is_found_and_a_removed_one_reads_as_empty(peer: PipedrivePeer) -> None:
    with connected(peer) as connector:
        before = {field.name for field in connector.fields("leads")}
        (key,) = peer.create_fields("leads", ["utm_source"]).values()
        peer.account.create("leads", {key: "ads"})
        assert {field.name for field in connector.fields("leads")} - before == {key}
        assert records(connector.pages("leads", [key], None))[0].values == {key: "ads"}
        peer.fields.remove("utm_source")
        assert key not in {field.name for field in connector.fields("leads")}
        assert set(records(connector.pages("leads", [key], None))[0].values) == {key}


def test_the_score_fields_are_created_once_and_found_by_their_names(peer: PipedrivePeer) -> None:
    with connected(peer) as connector:
        assert list(connector.missing_score_fields("leads")) == NAMES
        assert list(connector.create_score_fields("leads")) == NAMES
        assert list(connector.create_score_fields("leads")) == []
        assert len(peer.fields.custom) == len(NAMES)
        shown = {field.name: field.label for field in connector.fields("leads") if field.name in NAMES}
        assert shown == {field.name: field.label.format(currency="EUR") for field in SCORE_FIELDS}
        assert list(connector.missing_score_fields("deals")) == []
        assert list(connector.missing_score_fields("persons")) == NAMES
    with connected(peer) as connector:
        peer.fields.remove("leadworth band")
        assert list(connector.missing_score_fields("leads")) == ["lw_band"]


def test_a_proposal_maps_what_is_known_at_submit_and_no_score(peer: PipedrivePeer) -> None:
    made = peer.create_fields("leads", ["Industry", "Wish"])
    with connected(peer) as connector:
        connector.create_score_fields("leads")
        proposal = propose_mapping(connector, connector.fields("leads"), ["person_email"], connector.stages())
    assert proposal.columns["email"] == "person_email"
    assert proposal.columns["company"] == "organization_name"
    assert proposal.custom == (made["Industry"],)
    assert {field.name for field in proposal.others} == {made["Wish"]}


def test_a_missing_list_of_fields_costs_no_request(peer: PipedrivePeer) -> None:
    seed(peer, 1, "activities")
    with connected(peer) as connector:
        assert "type" in {field.name for field in connector.fields("activities")}
        assert connector.requests == 0


def test_money_and_addresses_are_beside_the_other_fields() -> None:
    item = {"value": {"amount": 7, "currency": "SEK"}, "phones": [{"value": "1"}], "custom_fields": None}
    assert without_nesting(item) == {"value": 7, "currency": "SEK", "phone": [{"value": "1"}]}
