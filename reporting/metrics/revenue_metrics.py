"""Metrics of revenue, profit and return."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Revenue"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("revenue of won leads"),
    ({"revenue": 431_000.0}, 431_000.0),
    is_quality=True,
)
def revenue(revenue: float) -> float:
    """Return the revenue of won leads."""
    return revenue


@define(
    Message("Sales growth"),
    Kind.LAGGING,
    Unit.CHANGE,
    Message("revenue / revenue before - 1"),
    ({"revenue": 431_000.0, "revenue_before": 400_000.0}, 0.0775),
    is_quality=True,
)
def sales_growth(revenue: float, revenue_before: float) -> float | None:
    """Return the change of revenue against the period before."""
    return ratio(revenue - revenue_before, revenue_before)


@define(
    Message("Margin"),
    Kind.LAGGING,
    Unit.SHARE,
    Message("(revenue - cost of goods) / revenue"),
    ({"revenue": 431_000.0, "cost": 258_600.0}, 0.4),
    is_quality=True,
)
def margin(revenue: float, cost: float) -> float | None:
    """Return the gross margin."""
    return ratio(revenue - cost, revenue)


@define(
    Message("Profit"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("revenue - cost of goods - spend - overhead"),
    ({"revenue": 431_000.0, "cost": 258_600.0, "spend": 60_000.0, "overhead": 40_000.0}, 72_400.0),
    is_quality=True,
)
def profit(revenue: float, cost: float, spend: float, overhead: float) -> float:
    """Return revenue less cost of goods, marketing and overhead."""
    return revenue - cost - spend - overhead


@define(
    Message("Return on marketing"),
    Kind.BOTH,
    Unit.RATIO,
    Message("(revenue + predicted revenue of open leads) / spend"),
    ({"revenue": 431_000.0, "predicted_value": 190_000.0, "spend": 230_000.0}, 2.7),
    is_quality=True,
)
def return_on_marketing(revenue: float, predicted_value: float, spend: float) -> float | None:
    """Return what a unit of spend brings, seen and predicted."""
    return ratio(revenue + predicted_value, spend)


@define(
    Message("ROI: gross profit - marketing"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("revenue - cost of goods - spend"),
    ({"revenue": 431_000.0, "cost": 258_600.0, "spend": 60_000.0}, 112_400.0),
    is_quality=True,
)
def roi_gross_profit(revenue: float, cost: float, spend: float) -> float:
    """Return gross profit less marketing."""
    return revenue - cost - spend


@define(
    Message("ROI: revenue - marketing - overhead - incremental cost"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("revenue - spend - overhead - incremental cost"),
    ({"revenue": 431_000.0, "spend": 60_000.0, "overhead": 40_000.0, "incremental_cost": 10_000.0}, 321_000.0),
    is_quality=True,
)
def roi_revenue(revenue: float, spend: float, overhead: float, incremental_cost: float) -> float:
    """Return revenue less marketing, overhead and incremental cost."""
    return revenue - spend - overhead - incremental_cost
