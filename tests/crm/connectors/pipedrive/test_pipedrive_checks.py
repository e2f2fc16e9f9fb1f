"""Checks of a Pipedrive account."""

from __future__ import annotations

import pytest

from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.score_fields import SCORE_FIELDS
from leadworth.health_findings import HealthFinding, Severity
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


def checked(peer: PipedrivePeer, **settings: str) -> list[HealthFinding]:
    with connected(peer, **settings) as connector:
        return list(connector.check())


def bad(findings: list[HealthFinding]) -> list[tuple[Severity, str]]:
    return [(finding.level, finding.what) for finding in findings if finding.level is not Severity.OK]


def test_a_complete_account_has_no_complaint_and_nothing_is_changed(peer: PipedrivePeer) -> None:
    with connected(peer) as connector:
        connector.create_score_fields("leads")
    before = len(peer.calls)
    findings = checked(peer)
    assert bad(findings) == []
    assert any("at most 1,000,000 scores" in finding.what for finding in findings)
    assert {method for method, _ in peer.calls[before:]} == {"GET"}


def test_a_wrong_token_ends_the_check(peer: PipedrivePeer) -> None:
    findings = checked(peer, token="wrong")
    assert [(finding.level, finding.name) for finding in findings] == [(Severity.FAIL, "sign-in")]


def test_score_fields_that_are_missing_or_of_another_type_are_named(peer: PipedrivePeer) -> None:
    assert any("lw_band" in what for _, what in bad(checked(peer)))
    with connected(peer) as connector:
        connector.create_score_fields("leads")
    peer.fields.remove("leadworth band")
    peer.fields.remove("leadworth verdict")
    peer.fields.create({"field_name": "leadworth band", "field_type": "varchar"})
    peer.fields.create({"field_name": "leadworth verdict", "field_type": "enum", "options": [{"label": "accept"}]})
    found = bad(checked(peer))
    assert [level for level, _ in found] == [Severity.FAIL, Severity.FAIL]
    assert "has the type varchar, not enum" in found[0][1]
    assert "lacks the options review, reject" in found[1][1]
    assert {field.name for field in SCORE_FIELDS} >= {"lw_band", "lw_verdict"}


def test_a_share_that_cannot_store_one_page_of_deals_is_named(peer: PipedrivePeer) -> None:
    peer.limits.daily = 30_000
    found = [what for level, what in bad(checked(peer, quota_share="0.01")) if level is Severity.FAIL]
    assert found == ["30,000 tokens a day, 300 for a run: at most 30 scores of leads"]


def test_webhooks_that_are_there_twice_are_named(peer: PipedrivePeer) -> None:
    with connected(peer) as connector:
        connector.create_score_fields("leads")
    hook = {"subscription_url": "https://leads.example", "event_action": "*", "event_object": "lead"}
    peer.hooks += [{"id": 1, **hook}, {"id": 2, **hook}]
    assert bad(checked(peer)) == [(Severity.WARN, "1 are there twice")]
    assert bad(checked(peer, webhook_password=""))[0][0] is Severity.WARN
