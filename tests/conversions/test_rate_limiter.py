"""Rate limiter, shared by workers over the store."""

from __future__ import annotations

import time

from conversions.circuit_breaker import CircuitBreaker
from conversions.rate_limiter import RateLimiter
from tests.conversions.export_setup import ExportSetup


def test_two_limiters_of_a_platform_share_its_rate(export: ExportSetup) -> None:
    limiters = [RateLimiter(export.engine, "meta", per_minute=60) for _ in range(2)]
    start = time.monotonic()
    assert all(limiters[request % 2].acquire() for request in range(12))  # a burst of ten seconds is allowed
    assert time.monotonic() - start > 0.5


def test_no_slot_while_the_circuit_breaker_is_open(export: ExportSetup) -> None:
    limiter = RateLimiter(export.engine, "meta", per_minute=60)
    breaker = CircuitBreaker(export.engine, "meta")
    breaker.open("190")
    assert not limiter.acquire()
    assert RateLimiter(export.engine, "google", per_minute=60).acquire()
    breaker.close()
    assert limiter.acquire()
