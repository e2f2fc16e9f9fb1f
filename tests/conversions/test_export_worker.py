"""Export worker: each event once, in order of version, and none lost, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conversions.circuit_breaker import CircuitBreaker
from conversions.export_worker import ExportWorker
from leadworth.fault_injection import Fault
from store import outbox, outbox_leases
from store.timestamps import stamp
from tests.conversions.export_setup import SCORE, ExportSetup, ScriptedFaults, export_at, lead


def test_event_is_sent_once_and_payload_deleted(export: ExportSetup) -> None:
    export.add(lead(), lead(), to=("google", "meta"))
    assert len(export.rows()) == 2
    for name in ("google", "meta"):
        assert export.worker(name).work() == {"accepted": 1}
        assert not export.worker(name).work()
    assert {(row["state"], row["payload"], row["sent_value"]) for row in export.rows()} == {("accepted", None, "10.00")}
    assert set(export.sandbox.of("google").counts.values()) == {1}


def test_newer_version_replaces_a_waiting_one(export: ExportSetup) -> None:
    export.add(lead(), to=("google_ads",))
    export.restate("99.00")
    assert export.worker("google_ads").work() == {"accepted": 1}
    assert [state for state, _ in export.states()] == ["superseded", "accepted"]
    assert list(export.sandbox.of("google_ads").values.values()) == [[99.0]]  # the first sent is a conversion


def test_event_in_doubt_is_settled_before_a_newer_version_is_sent(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, ScriptedFaults(Fault.CUT)) as export:
        export.add(lead(), to=("google_ads",))
        worker = export.worker("google_ads")
        assert worker.work() == {"retry": 1}
        export.restate("99.00")
        export.make_due()
        assert worker.work() == {"duplicate": 1}  # the platform had it
        assert not worker.work()  # another copy may still be in transit
        time.sleep(2.1)
        assert worker.work() == {"accepted": 1}
        assert list(export.sandbox.of("google_ads").values.values()) == [[10.0, 99.0]]


def test_events_of_a_dead_worker_are_sent_when_the_lease_ends(export: ExportSetup) -> None:
    export.add(lead(), to=("meta",))
    with export.engine.begin() as connection:
        outbox_leases.lease(connection, "meta", "dead", datetime.now(UTC), timedelta(seconds=0.2), 10)
    assert not export.worker("meta").work()
    time.sleep(0.3)
    assert export.worker("meta").work() == {"accepted": 1}


def test_unanswered_event_stays_uncertain_where_it_would_count_twice(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path) as probe:
        address = f"http://127.0.0.1:{probe.sandbox.http_port}"
        ga4 = {"via": "measurement_protocol", "api_secret": "s", "endpoint": address}
        probe.sandbox.faults = ScriptedFaults(Fault.CUT)
        with export_at(store_url, tmp_path, ga4=ga4) as export:
            export.add(lead(), to=("ga4",))
            assert export.worker("ga4").work() == {"uncertain": 1}
            assert not export.worker("ga4").work()
        assert set(probe.sandbox.of("ga4").counts.values()) == {1}


def test_refused_credentials_open_the_circuit_breaker_and_count_no_attempt(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, meta={"token": ""}) as export:
        export.add(lead(), to=("meta",))
        assert export.worker("meta").work() == {"retry": 1}
        assert [(row["attempts"], row["code"]) for row in export.rows()] == [(0, "door-closed")]
        export.make_due()
        assert not export.worker("meta").work()


def test_events_wait_while_the_account_has_a_fault_and_are_sent_after_it(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, meta={"dataset": "unknown"}) as export:
        export.add(*(lead(number) for number in range(20)), to=("meta",))
        assert export.worker("meta").work() == {"retry": 20}
        assert {(row["attempts"], row["code"]) for row in export.rows()} == {(0, "door-closed")}
        assert export.sandbox.of("meta").refused == {"unknown dataset": 6}
    with export_at(store_url, tmp_path) as corrected:
        corrected.make_due()
        assert not corrected.worker("meta").work()
        CircuitBreaker(corrected.engine, "meta").close()
        assert corrected.worker("meta").work() == {"accepted": 20}


def test_busy_platform_is_called_again_after_the_time_it_named(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, ScriptedFaults(Fault.BUSY)) as export:
        export.add(lead(), to=("meta",))
        start = datetime.now(UTC)
        assert export.worker("meta").work() == {"retry": 1}
        [row] = export.rows()
        assert (row["code"], row["attempts"]) == ("HTTP 429", 1)
        assert datetime.fromisoformat(row["not_before"]) >= start + timedelta(seconds=0.1)


def test_event_is_rejected_after_the_last_attempt(store_url: str, tmp_path: Path) -> None:
    with export_at(store_url, tmp_path, ScriptedFaults(*[Fault.AWAY] * 3), most_attempts=3) as export:
        export.add(lead(), to=("meta",))
        for expected in ("retry", "retry", "rejected"):
            export.make_due()
            assert export.worker("meta").work() == {expected: 1}
        assert export.states() == [("rejected", "attempts: HTTP 503")]


def test_event_outside_the_window_expires(export: ExportSetup) -> None:
    export.add(lead(submitted_at=datetime.now(UTC) - timedelta(days=8)), to=("meta", "google"))
    assert export.worker("meta").work() == {"expired": 1}
    assert export.worker("google").work() == {"accepted": 1}


def test_unexpected_exception_of_an_adapter_leaves_the_event_in_doubt(
    export: ExportSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    export.add(lead(), to=("meta",))

    def fail(*_: object, **__: object) -> None:
        raise KeyError("Index")

    monkeypatch.setattr(export.destinations["meta"], "send", fail)
    assert export.worker("meta").work() == {"retry": 1}
    [row] = export.rows()
    assert (row["code"], row["attempts"]) == ("KeyError", 1)
    assert row["in_doubt_until"] > row["updated_at"]


def test_past_day_is_replayed_where_worker_and_peer_have_its_clock(export: ExportSetup) -> None:
    day = datetime(2025, 3, 1, 12, tzinfo=UTC)
    old = lead(submitted_at=day - timedelta(hours=8), clicked_at=None)
    for name in ("google", "meta", "linkedin", "tiktok", "microsoft"):
        rows = export.writer_for(name).rows(old, SCORE, day, "accept")
        with export.engine.begin() as connection:
            outbox.add(connection, rows)
        worker = ExportWorker(
            export.engine, export.destinations[name], export.settings, export.writer.cipher, clock=lambda: day
        )
        export.sandbox.clock = lambda: day
        assert worker.work() == {"accepted": 1}, name
        assert export.sandbox.of(name).counters["accepted"] == 1
    assert {row["first_sent_at"] for row in export.rows()} == {stamp(day)}


def test_past_event_is_too_old_by_the_clock_of_today(export: ExportSetup) -> None:
    export.add(lead(submitted_at=datetime(2025, 3, 1, 12, tzinfo=UTC)), to=("meta",))
    assert export.worker("meta").work() == {"expired": 1}
