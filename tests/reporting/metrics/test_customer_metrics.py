"""Customers: acquisition cost, lifetime value and churn."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS

LIFE = {"monthly_revenue": 200.0, "monthly_churn": 0.05, "revenue": 1_000.0, "cost": 250.0}
WON = {"spend": 9_000.0, "won": 4, "predicted_wins": 2.0}


def test_expected_wins_lower_the_acquisition_cost_of_a_cohort() -> None:
    assert METRICS["cac"].compute(**WON) == 1_500.0
    assert METRICS["cac_seen"].compute(spend=9_000.0, won=4) == 2_250.0
    assert METRICS["cac_calendar"].compute(spend=9_000.0, closed_won=3) == 3_000.0
    assert METRICS["cac"].compute(spend=9_000.0, won=0, predicted_wins=0.0) is None


def test_lifetime_value() -> None:
    revenue = METRICS["clv_revenue"].compute(monthly_revenue=200.0, monthly_churn=0.05, serving_cost=300.0, **WON)
    assert revenue == pytest.approx(4_000 - 1_500 - 300)
    assert METRICS["clv_margin"].compute(**LIFE) == pytest.approx(3_000.0)
    assert METRICS["clv_discounted"].compute(**LIFE, discount=0.0) == pytest.approx(3_000.0)
    assert METRICS["clv_discounted"].compute(**LIFE, discount=0.05) == pytest.approx(1_575.0)
    assert METRICS["ltv_cac"].compute(**LIFE, **WON) == pytest.approx(2.0)
    assert METRICS["roi_clv"].compute(**LIFE, won=4, spend=9_000.0) == pytest.approx(3_000.0)


def test_payback_is_never_reached_without_a_margin() -> None:
    sold = {"monthly_revenue": 200.0, "revenue": 1_000.0, **WON}
    assert METRICS["payback_months"].compute(**sold, cost=250.0) == pytest.approx(10.0)
    assert METRICS["payback_months"].compute(**sold, cost=1_000.0) is None


@pytest.mark.parametrize("missing", ["monthly_churn", "revenue"])
def test_no_lifetime_without_churn_or_revenue(missing: str) -> None:
    assert METRICS["clv_margin"].compute(**{**LIFE, missing: 0.0}) is None
    assert METRICS["ltv_cac"].compute(**{**LIFE, missing: 0.0}, **WON) is None


def test_churn() -> None:
    assert METRICS["churn"].compute(customers_lost=3, customers_at_start=60) == 0.05
    assert METRICS["churn"].compute(customers_lost=3, customers_at_start=0) is None
