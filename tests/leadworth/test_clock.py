"""The present moment is aware and in UTC."""

from __future__ import annotations

from datetime import timedelta

from leadworth import clock


def test_now_is_aware_and_moves_on() -> None:
    first = clock.now()
    assert first.utcoffset() == timedelta(0)
    assert clock.now() >= first
