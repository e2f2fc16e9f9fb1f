"""Properties: the field list, and those that leadworth creates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.score_fields import SCORE_FIELDS
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def connector(peer: HubSpotPeer) -> Iterator[HubSpotConnector]:
    with connected(peer) as connector:
        yield connector


def test_created_fields_are_in_a_group_and_existing_ones_stay(peer: HubSpotPeer) -> None:
    rules = peer.objects.rules_of("contacts")
    with connected(peer) as connector:
        names = [field.name for field in SCORE_FIELDS]
        assert connector.missing_score_fields("contacts") == names
        assert connector.create_score_fields("contacts") == names
        assert connector.missing_score_fields("contacts") == []
        assert rules.groups >= {"leadworth"}
        rules.defined["lw_band"]["label"] = "Lead quality"
        rules.removed.add("lw_model")
        assert connector.create_score_fields("contacts") == ["lw_model"]
    assert rules.defined["lw_band"]["label"] == "Lead quality"
    assert [option["value"] for option in rules.defined["lw_band"]["options"]] == list("ABCDE")
    assert rules.defined["lw_expected_revenue"]["label"] == "leadworth expected revenue (EUR)"
    assert rules.defined["lw_scored_at"]["type"] == "datetime"
    assert not any(rules.defined[name]["formField"] for name in names)


def test_a_field_that_another_process_created_meanwhile_is_no_error(
    peer: HubSpotPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        monkeypatch.setattr(connector, "missing_score_fields", lambda _: ["lw_band"])
        assert connector.create_score_fields("contacts") == []


def test_a_formula_is_calculated_and_not_writable(peer: HubSpotPeer, connector: HubSpotConnector) -> None:
    peer.objects.rules_of("deals").defined["hs_is_closed"].update(calculated=True, type="bool")
    fields = {field.name: field for field in connector.fields("deals")}
    assert (fields["hs_is_closed"].calculated, fields["hs_is_closed"].writable) == (True, False)
    assert not fields["hs_object_id"].writable
    assert fields["amount"].writable
    statuses = {field.name: field for field in connector.fields("contacts")}["hs_lead_status"].options
    assert "UNQUALIFIED" in statuses
