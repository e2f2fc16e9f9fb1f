"""What `crm doctor` finds."""

from __future__ import annotations

from leadworth.health_findings import HealthFinding, Severity
from tests.crm.connectors.salesforce.org import Org


def worst(findings: list[HealthFinding]) -> dict[str, str]:
    return {finding.name: finding.what for finding in findings if finding.level is not Severity.OK}


def test_a_sound_org(org: Org) -> None:
    findings = org.connector().check()
    assert set(worst(findings)) == {"Lead"}  # fields of products that this org does not have
    assert "FirstCallDateTime" in worst(findings)["Lead"]
    assert any("149,9" in finding.what for finding in findings)
    assert not org.account.writes


def test_wrong_credentials_version_access_and_fields(org: Org) -> None:
    assert "sign-in" in worst(org.connector(consumer_key="other").check())
    org.peer.remove_field("Lead", "LW_Band__c")
    del org.peer.rows.kinds["Event"]
    del org.peer.rows.kinds["LeadHistory"]
    findings = worst(org.connector().check())
    assert findings["scores"] == "Lead has no visible fields LW_Band__c"
    assert findings["Event"] == "cannot be read: NOT_FOUND"
    assert findings["LeadHistory"] == "cannot be read: NOT_FOUND"
    old = worst(org.connector(version="40.0").check())
    assert "sign-in" in old


def test_a_used_quota_is_no_failure(org: Org) -> None:
    org.peer.daily_limit = 0
    [finding] = org.connector().check()
    assert (finding.level, finding.name) == (Severity.WARN, "quota")
