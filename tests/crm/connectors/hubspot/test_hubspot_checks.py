"""Checks of an account, with remedies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.connectors.hubspot.connector import HubSpotConnector
from crm.connectors.hubspot.hubspot_checks import version_finding
from crm.connectors.hubspot.hubspot_peer_objects import PeerObjects
from crm.connectors.hubspot.peer import HubSpotPeer
from leadworth.health_findings import HealthFinding, Severity
from tests.crm.connectors.hubspot.hubspot_account import connected, quick_peer, seed


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


def faults(connector: HubSpotConnector) -> list[HealthFinding]:
    return [finding for finding in connector.check() if finding.level is not Severity.OK]


def test_a_complete_account_has_no_findings(peer: HubSpotPeer) -> None:
    seed(peer, 150)
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        assert faults(connector) == []
    assert peer.account.writes == []


def test_missing_score_fields_name_the_command_that_creates_them(peer: HubSpotPeer) -> None:
    with connected(peer) as connector:
        (finding,) = faults(connector)
    assert finding.level is Severity.WARN
    assert "lw_band" in finding.what
    assert "leadworth crm connect hubspot --create-fields" in finding.do


def test_a_wrong_token_is_the_only_finding(peer: HubSpotPeer) -> None:
    with connected(peer, token="wrong") as connector:
        (finding,) = faults(connector)
    assert (finding.name, finding.level) == ("sign-in", Severity.FAIL)
    assert "service key" in finding.do


@pytest.mark.parametrize(
    "scope",
    ["crm.objects.deals.read", "crm.objects.contacts.write", "crm.schemas.contacts.read", "crm.objects.owners.read"],
)
def test_a_missing_scope_is_named(peer: HubSpotPeer, scope: str) -> None:
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        peer.scopes.discard(scope)
        (finding,) = faults(connector)
    assert finding.level is Severity.FAIL
    assert scope in finding.do


def test_an_unknown_version_says_which_setting_to_check(peer: HubSpotPeer) -> None:
    with connected(peer, api_version="2030-03") as connector:
        findings = faults(connector)
    assert any("api_version" in finding.do for finding in findings)


def test_a_version_warns_before_its_end() -> None:
    levels = [version_finding("2026-09", datetime(year, month, 1, tzinfo=UTC)).level for year, month in
              ((2026, 11), (2027, 12), (2028, 3))]  # fmt: skip
    assert levels == [Severity.OK, Severity.WARN, Severity.FAIL]


def test_a_service_key_has_no_webhooks(peer: HubSpotPeer) -> None:
    with connected(peer, client_secret="") as connector:
        connector.create_score_fields("contacts")
        (finding,) = faults(connector)
    assert (finding.name, finding.level) == ("webhooks", Severity.WARN)


def test_properties_that_cannot_hold_a_score_are_named(peer: HubSpotPeer) -> None:
    rules = peer.objects.rules_of("contacts")
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        rules.defined["lw_win_probability"]["type"] = "string"
        rules.defined["lw_band"]["options"].pop()
        what = " ".join(finding.what for finding in faults(connector))
    assert "lw_win_probability of type string, not number" in what
    assert "lw_band of contacts lacks the options E" in what


def test_a_search_that_compares_ids_as_text_is_found(peer: HubSpotPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(peer, 150)
    search = PeerObjects.search

    def text_search(objects: PeerObjects, object_name: str, body: dict[str, Any]) -> dict[str, Any]:
        found = search(objects, object_name, body)
        return {**found, "total": 0} if body["filterGroups"] else found  # "1001" is less than "99"

    monkeypatch.setattr(PeerObjects, "search", text_search)
    with connected(peer) as connector:
        connector.create_score_fields("contacts")
        (finding,) = faults(connector)
    assert (finding.name, finding.level) == ("search", Severity.FAIL)
