"""Retention of every table."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from leadworth.retention_settings import RetentionSettings
from store import decision_log, erasures, idempotency_records, lead_facts, outbox, receipts, touches
from store.idempotency_records import StoredAnswer
from store.report_schema import click_campaigns
from store.retention import KEYED, PAYLOADS, delete_expired
from store.row_counts import row_counts
from store.row_ids import new_row_id
from store.schema import consents, decisions, export_events, feedback
from store.timestamps import stamp
from store.touches import Touch
from tests.store.fact_rows import fact
from tests.store.rows import decision_row, entry, event, person

NOW = datetime.now(UTC)
KEPT = RetentionSettings(
    decisions_days=150, feedback_days=100, consents_days=50, identifiers_days=30, events_days=150, answers_hours=5
)


def ago(days: float) -> str:
    return stamp(NOW - timedelta(days=days))


def decide(connection: Connection, lead: str, days: float) -> None:
    decision_log.insert(connection, [decision_row(lead, scored_at=ago(days))])


def label(connection: Connection, lead: str, days: float) -> None:
    names = ("decision_id", "label", "verdict_before", "verdict_after", "given_by")
    row = {"feedback_id": new_row_id(), "lead_id": lead, "given_at": ago(days), **dict.fromkeys(names, "x")}
    connection.execute(insert(feedback), [row])


def consent(connection: Connection, lead: str, days: float) -> None:
    row = {"consent_id": new_row_id(), "lead_id": lead, "given_at": ago(days)}
    connection.execute(insert(consents), [{**row, "purpose": "ad_user_data", "granted": True, "source": "form"}])


def sent(connection: Connection, lead: str, days: float, **columns: Any) -> None:
    row = event(lead, state="accepted", payload=None, **columns) | {"created_at": ago(days), "updated_at": ago(days)}
    outbox.add(connection, {"export_events": [row]})


def left(engine: Engine, column: Any) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.execute(select(column)).scalars())


def test_rows_of_a_lead_are_deleted_after_the_last(engine: Engine) -> None:
    with engine.begin() as connection:
        for days in (200, 160):
            decide(connection, "old", days)
        for days in (200, 10):
            decide(connection, "rescored", days)
            label(connection, "rescored", days)
            consent(connection, "rescored", days)
        label(connection, "old", 101)
        consent(connection, "old", 51)
    assert +delete_expired(engine, KEPT, NOW) == Counter(decisions=2, feedback=1, consents=1)
    for column in (decisions.c.lead_id, feedback.c.lead_id, consents.c.lead_id):
        assert left(engine, column) == ["rescored", "rescored"]


def test_what_a_restatement_or_a_waiting_event_needs_stays(engine: Engine) -> None:
    with engine.begin() as connection:
        for lead in ("restated", "waiting", "done"):
            decide(connection, lead, 200)
            consent(connection, lead, 200)
        outbox.add(connection, {"export_people": [person("restated", submitted_at=ago(10), keep_until=ago(-20))]})
        outbox.add(connection, {"export_events": [event("waiting")]})
        sent(connection, "restated", 200)
        sent(connection, "done", 200)
        sent(connection, "done", 200, version=2)
        sent(connection, "renewed", 200)
        sent(connection, "renewed", 10, version=2)
    assert +delete_expired(engine, KEPT, NOW) == Counter(decisions=1, consents=1, export_events=2)
    assert left(engine, decisions.c.lead_id) == ["restated", "waiting"]
    assert left(engine, export_events.c.lead_id) == ["renewed", "renewed", "restated", "waiting"]
    later = NOW + timedelta(days=60)
    assert (+delete_expired(engine, KEPT, later))["export_people"] == 1
    assert left(engine, decisions.c.lead_id) == ["waiting"]


def test_receipts_answers_payloads_and_the_index(engine: Engine) -> None:
    with engine.begin() as connection:
        receipts.add(connection, "google", {"old": 3}, NOW - timedelta(days=151), NOW)
        receipts.ask_again(connection, "old", None)
        receipts.add(connection, "google", {"to ask": 3}, NOW - timedelta(days=151), NOW)
        idempotency_records.keep(connection, StoredAnswer("k", "b", b"{}", ago(0.25)), 24.0)
        rejected = event("X", state="rejected", expires_at=ago(1)) | {"updated_at": ago(1)}
        outbox.add(connection, {"export_events": [rejected]})
        long_ago = int((NOW - timedelta(days=151)).timestamp()) * 1_000_000
        outbox.add(
            connection, {"person_index": [entry("gone", velocity_at=long_ago), entry("X", velocity_at=long_ago)]}
        )
    expected = Counter({"export_receipts": 1, "answers": 1, PAYLOADS: 1, "person_index": 1})
    assert +delete_expired(engine, KEPT, NOW) == expected
    assert +delete_expired(engine, KEPT, NOW) == Counter()


def test_dry_run_counts_and_changes_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        decide(connection, "old", 160)
        erasures.add(connection, "e", [("clear", "L1")], "{}", NOW)
    before = row_counts(engine)
    for _ in range(2):
        counts = +delete_expired(engine, KEPT, NOW, str.upper, dry_run=True)
        assert counts == Counter({"decisions": 1, KEYED: 1})
        assert row_counts(engine) == before
    assert +delete_expired(engine, KEPT, NOW, str.upper) == counts


@pytest.mark.parametrize("setting", ["decisions_days", "events_days"])
def test_what_the_plan_looks_back_at_cannot_be_deleted(setting: str) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 120"):
        RetentionSettings(**{setting: 119})


def test_facts_and_touches_are_deleted_by_the_time_of_submit(engine: Engine) -> None:
    kept = RetentionSettings(facts_days=200)
    with engine.begin() as connection:
        for lead, days in (("old", 201), ("young", 199)):
            at = NOW - timedelta(days=days)
            lead_facts.write(connection, [fact(lead, at)])
            touches.add(connection, [Touch(lead, at, "Direct", "", "", "", "form", "crm")])
        touches.add(connection, [Touch("gone", NOW - timedelta(days=300), "Direct", "", "", "", "visit", "collector")])
        touches.add(connection, [Touch("young", NOW - timedelta(days=300), "Direct", "", "", "", "visit", "collector")])
        clicks = {"platform": "google_ads", "account_id": "1", "campaign_id": "7"}
        for click, days in (("a", 92), ("b", 80)):
            connection.execute(insert(click_campaigns), {**clicks, "click": click, "day": ago(days)[:10]})
    assert +delete_expired(engine, kept, NOW) == Counter(lead_facts=1, touches=2, click_campaigns=1)
    assert left(engine, lead_facts.lead_facts.c.lead_id) == ["young"]
    assert left(engine, touches.touches.c.lead_id) == ["young", "young"]
    assert left(engine, click_campaigns.c.click) == ["b"]
