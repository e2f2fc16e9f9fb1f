"""Findings of `leadworth export doctor`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversions.circuit_breaker import CircuitBreaker
from conversions.export_context import ExportContext
from conversions.export_doctor import findings
from leadworth.health_findings import HealthFinding, Severity
from tests.conversions.export_setup import ExportSetup, export_at, lead


def find(export: ExportSetup, *platforms: str) -> list[HealthFinding]:
    writer = export.writer_for(*platforms)
    context = ExportContext(export.settings, export.engine, writer.destinations, writer)
    return list(findings(context, datetime.now(UTC)))


def test_frequent_stage_is_named_as_the_goal(export: ExportSetup) -> None:
    export.add(*(lead(number, campaign="brand") for number in range(40)), to=("google", "meta"))
    found = {(finding.name, finding.what) for finding in find(export, "google")}
    assert ("google", "in 30 days: lead 40: `lead` is the best primary goal") in found
    assert ("google", "campaign brand: lead 40: `lead`") in found
    assert any(name == "consent" and what.startswith("recorded for 100% of leads") for name, what in found)


def test_restatement_is_advised_against_where_leads_are_few(store_url: str, tmp_path: Path) -> None:
    few = tuple(lead(number) for number in range(40))
    with export_at(store_url, tmp_path) as export:
        export.add(*few, to=("google", "meta"))
        [advice] = [finding.what for finding in find(export, "google", "meta") if "restate_values" in finding.do]
        assert advice == "40 leads in 30 days: bids follow the luck of single deals where values end at the revenue"
        export.add(*(lead(number) for number in range(40, 120)), to=("google",))
        assert not [finding for finding in find(export, "google") if "restate_values" in finding.do]
    with export_at(f"sqlite:///{tmp_path / 'other.db'}", tmp_path, restate_values=False) as export:
        export.add(*few, to=("google",))
        assert any(finding.what.startswith("in 30 days: lead 40") for finding in find(export, "google"))
        assert not [finding for finding in find(export, "google") if "restate_values" in finding.do]


def test_missing_token_and_open_circuit_breaker_fail(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, meta={"token": ""}) as export:
        CircuitBreaker(export.engine, "meta").open("190")
        failures = [finding for finding in find(export, "meta") if finding.level is Severity.FAIL]
    assert failures[0].what == "token is not set"
    assert failures[0].do == "set LEADWORTH_EXPORT__META__TOKEN"
    assert failures[1].what.startswith("all requests are refused (190); circuit breaker open until")


def test_two_ways_to_google_are_named(store_url: str, tmp_path: Path) -> None:
    for names, expected in ((("google", "meta"), 0), (("google", "google_ads"), 1)):
        with export_at(store_url, tmp_path) as export:
            assert sum("can count twice" in finding.what for finding in find(export, *names)) == expected


def test_old_stages_are_not_answered_by_another_plan(export: ExportSetup) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    export.add(lead(1, submitted_at=old), to=("google",))
    [finding] = [finding for finding in find(export, "google") if "no stage" in finding.what]
    assert finding.what == f"no stage in the last 30 days; the newest is of {old:%Y-%m-%d}"
    assert "export plan" not in finding.do


def test_leads_that_are_older_than_the_window_are_not_answered_by_another_plan(export: ExportSetup) -> None:
    old = datetime.now(UTC) - timedelta(days=10)
    export.add(lead(1, submitted_at=old), to=("google",))
    [finding] = [finding for finding in find(export, "meta") if "no stage" in finding.what]
    assert finding.what == (
        f"no stage in the last 30 days: the newest lead is of {old:%Y-%m-%d}, and this platform takes events of 7 days"
    )
    assert "export plan" not in finding.do
    [finding] = [finding for finding in find(export, "linkedin") if "no stage" in finding.what]
    assert "export plan" in finding.do


def test_optional_fields_that_are_repaired_are_named(export: ExportSetup) -> None:
    export.add(lead(1, meta_lead_id="l:12"), lead(2, phone="12", email="x@"), to=("meta",))
    [finding] = [finding for finding in find(export, "meta") if finding.name == "fields"]
    assert "meta_lead_id dropped 1" in finding.what
    assert "phone dropped 1" in finding.what


def test_platform_without_events(export: ExportSetup) -> None:
    whats = [finding.what for finding in find(export, "linkedin")]
    assert "no stage in the last 30 days" in whats
