"""Moments are aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from leadworth import clock


def test_now_is_aware_and_moves_on() -> None:
    first = clock.now()
    assert first.utcoffset() == timedelta(0)
    assert clock.now() >= first


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))
def test_an_aware_moment_stays_the_same_instant(stamp: datetime) -> None:
    assert clock.as_utc(stamp) == stamp.astimezone(UTC)
    assert clock.as_utc(stamp).tzinfo is UTC


def test_a_naive_moment_is_read_in_the_zone() -> None:
    assert clock.as_utc(datetime(2026, 7, 1, 10), ZoneInfo("Asia/Seoul")) == datetime(2026, 7, 1, 1, tzinfo=UTC)
