"""Circuit breaker, shared by workers over the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversions.circuit_breaker import FIRST_PAUSE, LONGEST_PAUSE, CircuitBreaker
from store.platform_limits import open_circuits
from tests.conversions.export_setup import ExportSetup


def pause(breaker: CircuitBreaker) -> timedelta:
    now = datetime.now(UTC)
    return breaker.open("190") - now


def test_pause_doubles_with_each_failure_and_starts_again_after_a_success(export: ExportSetup) -> None:
    breaker = CircuitBreaker(export.engine, "meta")
    pauses = [pause(breaker) for _ in range(12)]
    second = timedelta(seconds=1)
    for failures, length in enumerate(pauses):
        longest = min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE)
        assert 0.9 * longest - second < length <= longest + second
    breaker.close()
    assert pause(breaker) <= FIRST_PAUSE + second


def test_state_holds_the_code_of_the_platform(export: ExportSetup) -> None:
    CircuitBreaker(export.engine, "meta").open("190")
    now = datetime.now(UTC)
    with export.engine.connect() as connection:
        assert open_circuits(connection, now)["meta"].code == "190"
        assert open_circuits(connection, now + timedelta(hours=1)) == {}
