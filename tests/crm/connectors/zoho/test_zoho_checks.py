"""Checks of an account."""

from __future__ import annotations

from crm.connectors.zoho.connector import ZohoConnector
from leadworth.health_findings import HealthFinding, Severity
from tests.crm.connectors.zoho.zoho_world import ZohoWorld


def failed(connector: ZohoConnector) -> dict[str, HealthFinding]:
    return {finding.name: finding for finding in connector.check() if finding.level is Severity.FAIL}


def test_a_complete_account_has_no_failure_and_is_not_changed(world: ZohoWorld) -> None:
    connector = world.connector()
    connector.create_score_fields("Leads")
    assert failed(connector) == {}
    assert not world.account.writes


def test_wrong_credentials_are_named(world: ZohoWorld) -> None:
    finding = failed(world.connector(client_id="other"))["sign-in"]
    assert "data_centre" in finding.what + finding.do


def test_missing_scopes_fields_and_forecast_types_are_named(world: ZohoWorld) -> None:
    world.peer.forbidden = {"Calls"}
    world.peer.remove_field("Deals", "Stage")
    world.peer.remove_field("Leads", "GCLID")
    connector = world.connector()
    findings = failed(connector)
    assert findings.keys() == {"Calls", "stages"}
    assert "OAUTH_SCOPE_MISMATCH" in findings["Calls"].what
    warned = {finding.name: finding.what for finding in connector.check() if finding.level is Severity.WARN}
    assert "GCLID" in warned["Leads"]
    assert "lw_band" in warned["scores"]


def test_a_score_field_of_another_type_is_a_failure(world: ZohoWorld) -> None:
    world.peer.create_fields("Leads", ["lw_win_probability"])
    assert "lw_win_probability" in failed(world.connector())["scores"].what
