"""Advertisements, visits and what they do."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS


@pytest.mark.parametrize(
    "name", ["impressions", "clicks", "sessions", "engaged_sessions", "inbound_links", "sign_ups", "log_ins"]
)
def test_counts(name: str) -> None:
    assert METRICS[name].compute(**{name: 17}) == 17
    assert METRICS[name].compute(**{name: 0}) == 0


@pytest.mark.parametrize(
    ("name", "part", "whole", "expected"),
    [
        ("bounce_rate", "engaged_sessions", "sessions", 0.625),
        ("pages_per_session", "views", "sessions", 0.375),
        ("session_length", "session_seconds", "sessions", 0.375),
        ("impression_share", "search_impressions", "eligible_impressions", 0.375),
    ],
)
def test_ratios(name: str, part: str, whole: str, expected: float) -> None:
    assert METRICS[name].compute(**{part: 15, whole: 40}) == expected
    assert METRICS[name].compute(**{part: 15, whole: 0}) is None


def test_more_engaged_visits_than_visits_are_no_negative_bounce() -> None:
    assert METRICS["bounce_rate"].compute(engaged_sessions=41, sessions=40) == 0.0


def test_organic_clicks_have_a_value_where_a_price_is_known() -> None:
    value = METRICS["organic_traffic_value"].compute
    priced = {"organic_priced_value": 100.0, "query_cost": 30.0}
    assert value(**priced, organic_other_clicks=10, query_clicks=20) == 115.0
    assert value(**priced, organic_other_clicks=10, query_clicks=0) is None
    assert value(**priced, organic_other_clicks=0, query_clicks=0) == 100.0
