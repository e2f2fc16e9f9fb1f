"""Shared state of rate limiters and circuit breakers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from store import platform_limits
from store.platform_limits import CircuitState
from store.timestamps import stamp
from tests.store.rows import NOW

MINUTE = timedelta(minutes=1)


def test_slots_are_taken_at_an_even_rate_after_a_burst(connection: Connection) -> None:
    platform_limits.register(connection, "meta")
    waits = [platform_limits.take_slot(connection, "meta", NOW, 1.0, 2.0) for _ in range(4)]
    assert waits == [0.0, 0.0, 0.0, pytest.approx(1.0)]
    assert platform_limits.take_slot(connection, "meta", NOW + timedelta(seconds=1), 1.0, 2.0) == 0.0


def test_no_slot_while_the_circuit_is_open(connection: Connection) -> None:
    platform_limits.register(connection, "meta")
    assert [platform_limits.count_failure(connection, "meta", "190") for _ in range(2)] == [1, 2]
    platform_limits.open_circuit(connection, "meta", NOW + MINUTE)
    platform_limits.register(connection, "meta")  # by another worker
    assert platform_limits.take_slot(connection, "meta", NOW, 1.0, 2.0) is None
    assert platform_limits.open_circuits(connection, NOW) == {"meta": CircuitState(stamp(NOW + MINUTE), "190")}
    assert platform_limits.take_slot(connection, "meta", NOW + 2 * MINUTE, 1.0, 2.0) == 0.0
    platform_limits.close_circuit(connection, "meta")
    assert platform_limits.open_circuits(connection, NOW) == {}
    assert platform_limits.count_failure(connection, "meta", "190") == 1
