"""Metrics of what is aimed at."""

from __future__ import annotations

from reporting.metrics.definition import define
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit
from reporting.statistics.goal_targets import target_revenue_by_factor, target_revenue_by_points

YEAR = Message("year after the last full one")
EXAMPLE = {
    "revenue_last_year": 1_328_000.0,
    "revenue_2_years_ago": 1_265_000.0,
    "revenue_3_years_ago": 1_100_000.0,
    "revenue_4_years_ago": 1_000_000.0,
}


@define(
    Message("Target revenue"),
    Kind.GOAL,
    Unit.MONEY,
    Message(
        "revenue of the last year x (1 + mean growth of 3 years + 5 points); growth from revenue 2 years ago, "
        "3 years ago and 4 years ago"
    ),
    (EXAMPLE, 1_527_112.52),
    period=YEAR,
    is_quality=True,
)
def target_revenue(
    revenue_last_year: float, revenue_2_years_ago: float, revenue_3_years_ago: float, revenue_4_years_ago: float
) -> float | None:
    """Return the revenue that growth as in the last three years and 5 points more would bring."""
    return target_revenue_by_points((revenue_4_years_ago, revenue_3_years_ago, revenue_2_years_ago, revenue_last_year))


@define(
    Message("Target revenue, growth x 1.05"),
    Kind.GOAL,
    Unit.MONEY,
    Message(
        "revenue of the last year x (1 + mean growth of 3 years x 1.05); growth from revenue 2 years ago, "
        "3 years ago and 4 years ago"
    ),
    (EXAMPLE, 1_467_348.14),
    period=YEAR,
    is_quality=True,
)
def target_revenue_factor(
    revenue_last_year: float, revenue_2_years_ago: float, revenue_3_years_ago: float, revenue_4_years_ago: float
) -> float | None:
    """Return the revenue that 1.05 times the growth of the last three years would bring."""
    return target_revenue_by_factor((revenue_4_years_ago, revenue_3_years_ago, revenue_2_years_ago, revenue_last_year))
