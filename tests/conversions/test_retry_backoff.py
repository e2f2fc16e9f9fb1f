"""Backoff of retries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversions.retry_backoff import LONGEST_WAIT, retry_delay


@pytest.mark.parametrize(("attempts", "longest"), [(0, 60), (3, 480), (8, 15_360), (500, LONGEST_WAIT.total_seconds())])
def test_longest_delay_doubles_up_to_six_hours(attempts: int, longest: float) -> None:
    delays = [retry_delay(attempts, 60.0, None).total_seconds() for _ in range(200)]
    assert 0.8 * longest < max(delays) <= longest
    assert min(delays) < 0.2 * longest


def test_delay_is_at_least_what_the_platform_asked_for() -> None:
    assert retry_delay(0, 60.0, timedelta(hours=9)) == timedelta(hours=9)
