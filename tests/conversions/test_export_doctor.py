"""Findings of `leadworth export doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
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
    assert ("google", "in 30 days: lead 40: `lead` can be the primary goal") in found
    assert ("google", "campaign brand: lead 40: `lead`") in found
    assert any(name == "consent" and what.startswith("recorded for 100% of leads") for name, what in found)


def test_missing_token_and_open_circuit_breaker_fail(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, meta={"token": ""}) as export:
        CircuitBreaker(export.engine, "meta").open("190")
        failures = [finding for finding in find(export, "meta") if finding.level is Severity.FAIL]
    assert failures[0].what == "token is not set"
    assert failures[0].do == "set LEADWORTH_EXPORT__META__TOKEN"
    assert failures[1].what.startswith("authorization failed (190); circuit breaker open until")


def test_platform_without_events(export: ExportSetup) -> None:
    whats = [finding.what for finding in find(export, "linkedin")]
    assert "no stage in the last 30 days" in whats
