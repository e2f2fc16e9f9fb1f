"""Leads: how many, how genuine, what they cost and bring."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS


@pytest.mark.parametrize(
    ("name", "inputs", "expected"),
    [
        ("visits_per_lead", {"sessions": 500, "leads": 20}, 25.0),
        ("traffic_to_lead", {"leads": 20, "sessions": 500}, 0.04),
        ("raw_cpl", {"spend": 900.0, "leads": 20}, 45.0),
        ("genuine_cpl", {"spend": 900.0, "genuine": 12.5}, 72.0),
        ("value_per_lead", {"revenue": 600.0, "predicted_value": 200.0, "leads": 20}, 40.0),
        ("value_per_mature_lead", {"mature_revenue": 600.0, "mature_leads": 8}, 75.0),
        ("value_per_open_lead", {"predicted_value": 200.0, "open_scored": 5}, 40.0),
        ("value_per_visit", {"revenue": 600.0, "predicted_value": 200.0, "sessions": 500}, 1.6),
    ],
)
def test_ratios(name: str, inputs: dict[str, float], expected: float) -> None:
    assert METRICS[name].compute(**inputs) == pytest.approx(expected)
    assert METRICS[name].compute(**{**inputs, list(inputs)[-1]: 0}) is None


def test_junk_is_never_negative() -> None:
    junk = METRICS["junk_share"]
    assert junk.compute(scored=20, genuine=12.5) == pytest.approx(0.375)
    assert junk.compute(scored=20, genuine=20.0000001) == 0.0
    assert junk.compute(scored=0, genuine=0.0) is None


def test_counts() -> None:
    assert METRICS["leads"].compute(leads=20) == 20
    assert METRICS["leads_per_quarter"].compute(quarter_leads=70) == 70
    assert METRICS["genuine_leads"].compute(genuine=12.5) == 12.5
