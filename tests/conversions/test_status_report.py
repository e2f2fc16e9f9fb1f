"""Status of the outbox as text and JSON."""

from __future__ import annotations

import json

import pytest

from conversions.outbox_status import OutboxStatus, PlatformStatus
from conversions.reconciliation import Difference
from conversions.status_report import print_status, status_as_json

STATUS = OutboxStatus(
    platforms=[
        PlatformStatus(
            "meta", {"accepted": 7, "duplicate": 1, "retry": 2}, 80.0, 12.0, 8, 6, 2, None, "2026-03-01T12:00:00", "190"
        )
    ],
    reasons={("meta", "suppressed", "no-consent"): 3},
    differences=[Difference("meta", 8, 6, "processed"), Difference("google", 100, 99, "processed")],
)


def test_json_holds_platforms_reasons_and_alarms() -> None:
    content = json.loads(json.dumps(status_as_json(STATUS)))
    assert content["platforms"][0]["sent_value"] == 80.0
    assert content["reasons"] == [{"platform": "meta", "state": "suppressed", "code": "no-consent", "events": 3}]
    assert [alarm["destination"] for alarm in content["alarms"]] == ["meta"]


def test_text_names_circuit_breaker_surplus_and_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    print_status(STATUS, "EUR", ["meta"])
    shown = capsys.readouterr()
    assert "12 EUR more was sent" in shown.out
    assert "3 suppressed: no consent is recorded" in shown.out
    assert "circuit breaker open until 2026-03-01T12:00 UTC: 190" in shown.err
    assert "ALARM: meta processed 6 of 8 events" in shown.err
    assert "google" not in shown.err
    assert "not set up" not in shown.err


def test_events_of_a_platform_that_left_the_settings_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    print_status(STATUS, "EUR", ["google"])
    assert "meta: 2 events wait, and nothing sends them: [export.meta] is not set up" in capsys.readouterr().err
