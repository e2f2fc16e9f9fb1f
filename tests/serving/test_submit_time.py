"""Times of submit: the service's clock for leads posted as they are sent, the stated time for others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.submit_time import LIVE_SECONDS, submit_time

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize("behind", [0.0, 0.4, 70.0, 180.0, -30.0, -7_200.0, -3e8])
def test_the_clock_of_the_service_counts_for_what_is_posted_as_it_is_sent(behind: float) -> None:
    assert submit_time(ago(behind), NOW, None) == (NOW, behind)


def test_what_was_sent_long_before_keeps_its_time() -> None:
    assert submit_time(ago(86_400), NOW, None) == (ago(86_400), None)
    assert submit_time(ago(86_400), NOW, ago(90_000).timestamp()) == (ago(86_400), None)


def test_no_form_is_sent_before_it_was_shown() -> None:
    shown_at = ago(20)
    assert submit_time(ago(3_600), NOW, shown_at.timestamp()) == (NOW, 3_600.0)


@given(st.none() | st.floats(-1e8, 1e8), st.none() | st.floats(0, 1e6))
def test_a_clock_makes_nobody_fast(behind: float | None, shown: float | None) -> None:
    """The time at the form is that between two readings of the service's clock, or of leads sent long before."""
    stated = None if behind is None else ago(behind)
    shown_at = None if shown is None else ago(shown).timestamp()
    at, difference = submit_time(stated, NOW, shown_at)
    assert at <= NOW
    if shown_at is not None:
        assert at.timestamp() >= shown_at
    if at != NOW:
        assert difference is None
        assert (NOW - at).total_seconds() > LIVE_SECONDS
