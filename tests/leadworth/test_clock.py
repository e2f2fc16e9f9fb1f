"""The clock of components."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leadworth.clock import utc_now


def test_default_clock_is_the_present_in_utc() -> None:
    now = utc_now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
