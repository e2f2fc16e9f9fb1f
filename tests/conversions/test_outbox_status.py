"""Status of the outbox."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from conversions.circuit_breaker import CircuitBreaker
from conversions.consent_evidence import describe_evidence
from conversions.outbox_status import outbox_status, timeline
from store import consents
from store.schema import export_events
from tests.conversions.export_setup import ExportSetup, export_at, lead


def test_states_sums_and_reasons_by_platform(export: ExportSetup) -> None:
    export.add(lead(1), lead(2), lead(3, consent_ad_user_data=False), to=("google", "meta"))
    export.worker("google").work()
    CircuitBreaker(export.engine, "meta").open("190")
    now = datetime.now(UTC)
    with export.engine.connect() as connection:
        status = outbox_status(connection, now)
        later = outbox_status(connection, now + timedelta(days=1))
    google, meta = status.platforms
    assert google.states == {"accepted": 2, "suppressed": 1}
    assert (google.sent_value, google.oldest, google.closed_until) == (20.0, None, None)
    assert meta.states == {"pending": 3}
    assert meta.oldest is not None
    assert meta.closed_until is not None
    assert meta.why == "190"
    assert later.platforms[1].closed_until is None
    assert status.reasons == {("google", "suppressed", "no-consent"): 1}


def test_timeline_of_a_lead_gives_reasons(export: ExportSetup) -> None:
    export.add(lead(1, consent_ad_user_data=False), to=("google",))
    export.worker("google").work()
    with export.engine.connect() as connection:
        [event] = timeline(connection, "L1")
        assert list(timeline(connection, "L2")) == []
    assert event["why"] == "no consent is recorded, or it was withdrawn"
    assert (event["consent"]["ad_user_data"]["granted"], event["consent"]["ad_user_data"]["source"]) == (False, "form")
    assert event["payload"] is None


def test_each_event_names_the_record_that_allowed_it(export: ExportSetup) -> None:
    export.add(lead(1, consent_source="Cookiebot"), to=("google", "meta"))
    export.send_all()
    with export.engine.connect() as connection:
        records = consents.records_of_leads(connection, ["L1"])["L1"]
        for event in timeline(connection, "L1"):
            assert event["state"] == "accepted"
            assert event["consent"] == {purpose: asdict(record) for purpose, record in records.items()}
            lines = list(describe_evidence(event["consent"]))
            assert lines[0].startswith("ad_user_data: granted")
            assert f"'Cookiebot' (record {records['ad_user_data'].consent_id})" in lines[0]


def test_an_event_sent_by_an_assumption_says_so(store_url: str, tmp_path: Path) -> None:
    missing = {"consent_ad_user_data": None, "consent_ad_personalization": None}
    with export_at(store_url, tmp_path, consent={"assume_granted_in": ["US"]}) as export:
        export.add(lead(1, country="US", **missing), to=("google",))
        export.worker("google").work()
        with export.engine.connect() as connection:
            [event] = timeline(connection, "L1")
    assert event["state"] == "accepted"
    assert next(iter(describe_evidence(event["consent"]))) == (
        "ad_user_data: not recorded; [export.consent] assume_granted_in has US"
    )


def test_every_stage_of_a_restating_platform_counts_once_wherever_it_is_set_up(export: ExportSetup) -> None:
    export.add(lead(1), to=("google",))
    [first] = export.rows()
    won = {**first, "event_id": "e" * 32, "stage": "won", "transaction_id": first["transaction_id"][:-4] + "won"}
    with export.engine.begin() as connection:
        connection.execute(insert(export_events), [won])
    export.worker("google").work()
    with export.engine.connect() as connection:
        [google] = outbox_status(connection, datetime.now(UTC)).platforms
    assert google.states == {"accepted": 2}
    assert google.sent_value == 10.0
