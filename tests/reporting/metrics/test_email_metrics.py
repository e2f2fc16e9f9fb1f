"""E-mail: each rate has its own denominator."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS

COUNTS = {
    "email_sent": 1_000,
    "email_delivered": 800,
    "email_trackable": 400,
    "email_opens": 100,
    "email_clicks": 40,
    "email_subscribes": 16,
    "email_unsubscribes": 8,
    "email_mqls": 4,
    "email_wins": 2,
}
RATES = {
    "email_delivery": 0.8,
    "email_open": 0.25,
    "email_click": 0.05,
    "email_subscribe": 0.02,
    "email_unsubscribe": 0.01,
    "email_mql": 0.005,
    "email_conversion": 0.0025,
}


@pytest.mark.parametrize(("name", "expected"), RATES.items())
def test_rates(name: str, expected: float) -> None:
    metric = METRICS[name]
    part, whole = metric.inputs
    assert metric.compute(**{part: COUNTS[part], whole: COUNTS[whole]}) == pytest.approx(expected)
    assert metric.compute(**{part: 0, whole: COUNTS[whole]}) == 0.0
    assert metric.compute(**{part: COUNTS[part], whole: 0}) is None


def test_opens_are_those_that_can_be_seen() -> None:
    assert METRICS["email_open"].inputs == ("email_opens", "email_trackable")
    assert METRICS["email_unsubscribe"].higher_is_better is False
