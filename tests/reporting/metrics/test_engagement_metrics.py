"""Webinars, events, downloads and social networks."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS


@pytest.mark.parametrize(
    ("name", "part", "whole", "expected"),
    [
        ("webinar_attendance", "webinar_attended", "webinar_registered", 0.375),
        ("event_attendance", "event_attended", "event_registered", 0.375),
        ("social_engagement", "social_engagement", "social_impressions", 0.375),
    ],
)
def test_shares(name: str, part: str, whole: str, expected: float) -> None:
    assert METRICS[name].compute(**{part: 30, whole: 80}) == expected
    assert METRICS[name].compute(**{part: 30, whole: 0}) is None


def test_people_who_came_without_registering_are_not_cut_off() -> None:
    assert METRICS["event_attendance"].compute(event_attended=12, event_registered=10) == 1.2


def test_counts() -> None:
    assert METRICS["downloads"].compute(downloads=0) == 0
    assert METRICS["social_likes"].compute(social_likes=7) == 7
    assert METRICS["social_likes"].is_vanity
