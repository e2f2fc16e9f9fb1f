"""Revenue, profit and return."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS


def test_growth_and_margin() -> None:
    growth, margin = METRICS["sales_growth"], METRICS["margin"]
    assert growth.compute(revenue=150.0, revenue_before=200.0) == -0.25
    assert growth.compute(revenue=150.0, revenue_before=0.0) is None
    assert margin.compute(revenue=200.0, cost=50.0) == 0.75
    assert margin.compute(revenue=200.0, cost=300.0) == -0.5
    assert margin.compute(revenue=0.0, cost=50.0) is None


def test_return_on_marketing_has_the_revenue_to_come() -> None:
    metric = METRICS["return_on_marketing"]
    assert metric.compute(revenue=300.0, predicted_value=100.0, spend=160.0) == 2.5
    assert metric.compute(revenue=300.0, predicted_value=100.0, spend=0.0) is None


@pytest.mark.parametrize(
    ("name", "costs", "expected"),
    [
        ("revenue", {}, 1_000.0),
        ("profit", {"cost": 400.0, "spend": 300.0, "overhead": 500.0}, -200.0),
        ("roi_gross_profit", {"cost": 400.0, "spend": 300.0}, 300.0),
        ("roi_revenue", {"spend": 300.0, "overhead": 500.0, "incremental_cost": 50.0}, 150.0),
    ],
)
def test_what_is_left(name: str, costs: dict[str, float], expected: float) -> None:
    assert METRICS[name].compute(revenue=1_000.0, **costs) == expected
