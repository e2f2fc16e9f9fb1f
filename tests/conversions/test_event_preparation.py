"""Preparation of events: consent, erasure and secrets at the moment of sending; one invalid row blocks no other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from conversions.conversion_event import ConversionEvent, EventKind
from conversions.delivery_results import Payload
from store import consents
from store.event_state import EventState
from store.outbox import requeue
from store.schema import export_events
from tests.conversions.export_setup import ExportSetup, export_at, lead


def test_consent_is_checked_at_the_moment_of_sending(export: ExportSetup) -> None:
    unknown = lead(2, consent_ad_user_data=None)
    abroad = lead(3, consent_ad_user_data=None, country="US")
    export.add(lead(1), unknown, abroad, to=("google",))
    with export.engine.begin() as connection:
        consents.record(connection, "L1", {"ad_user_data": False}, "a tool", datetime.now(UTC))
    assert export.worker("google").work() == {"suppressed": 3}
    assert set(export.states()) == {("suppressed", "no-consent")}
    assert {row["payload"] for row in export.rows()} == {None}


def test_missing_consent_counts_as_granted_where_the_settings_assume_it(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, consent={"assume_granted_in": ["US"]}) as export:
        missing = {"consent_ad_user_data": None, "consent_ad_personalization": None}
        export.add(lead(1, **missing), lead(2, country="US", **missing), to=("google",))
        assert export.worker("google").work() == {"suppressed": 1, "accepted": 1}


def test_event_encrypted_with_another_secret_is_rejected(export: ExportSetup) -> None:
    export.add(lead(), to=("google",))
    with export.engine.begin() as connection:
        connection.execute(update(export_events).values(payload="gAAAAAB"))
    assert export.worker("google").work() == {"rejected": 1}
    assert export.states() == [("rejected", "sealed-otherwise")]


def test_a_stage_that_left_the_settings_is_named_and_sent_once_it_is_back(export: ExportSetup) -> None:
    export.add(lead(), to=("google",))
    actions = dict(export.destinations["google"].actions)
    export.destinations["google"].actions = {"won": actions["won"]}
    assert export.worker("google").work() == {"rejected": 1}
    assert export.states() == [("rejected", "no-action")]
    export.destinations["google"].actions = actions
    with export.engine.begin() as connection:
        assert requeue(connection, [EventState.REJECTED], None, "no-action", datetime.now(UTC)) == 1
    assert export.worker("google").work() == {"accepted": 1}


def test_invalid_row_does_not_block_the_others(export: ExportSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    export.add(*map(lead, range(3)), to=("meta",))
    plan = export.destinations["meta"].plan

    def fail_for_one(event: ConversionEvent) -> Payload:
        if "p1@" in (event.identity.email or ""):
            raise OverflowError
        return plan(event)

    monkeypatch.setattr(export.destinations["meta"], "plan", fail_for_one)
    assert export.worker("meta").work() == {"accepted": 2, "rejected": 1}
    assert ("rejected", "unusable: OverflowError") in export.states()


def test_retraction_of_a_transaction_that_was_never_sent_is_suppressed(export: ExportSetup) -> None:
    export.add(lead(), to=("google",))
    export.restate("0.00", EventKind.RETRACTION)
    assert export.worker("google").work() == {"suppressed": 1}
    assert ("suppressed", "never-told") in export.states()
