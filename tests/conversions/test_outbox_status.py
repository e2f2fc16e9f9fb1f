"""Status of the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversions.circuit_breaker import CircuitBreaker
from conversions.outbox_status import outbox_status, timeline
from tests.conversions.export_setup import ExportSetup, lead


def test_states_sums_and_reasons_by_platform(export: ExportSetup) -> None:
    export.add(lead(1), lead(2), lead(3, consent_ad_user_data=False), to=("google", "meta"))
    export.worker("google").work()
    CircuitBreaker(export.engine, "meta").open("190")
    now = datetime.now(UTC)
    with export.engine.connect() as connection:
        status = outbox_status(connection, now, restating=["google"])
        later = outbox_status(connection, now + timedelta(days=1), restating=["google"])
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
    assert event["payload"] is None
