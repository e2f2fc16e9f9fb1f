"""Metrics of customers: what they cost, what they bring over their life, how many leave."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("Acquisition cost, cohort view"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("spend / (wins + expected wins) of the same cohort"),
    ({"spend": 30_000.0, "won": 12, "predicted_wins": 8.0}, 1_500.0),
    is_quality=True,
    higher_is_better=False,
)
def cac(spend: float, won: int, predicted_wins: float) -> float | None:
    """Return the spend per customer of the cohort, seen and predicted."""
    return ratio(spend, won + predicted_wins)


@define(
    Message("Acquisition cost, customers so far"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("spend / wins of the same cohort"),
    ({"spend": 30_000.0, "won": 12}, 2_500.0),
    is_quality=True,
    higher_is_better=False,
)
def cac_seen(spend: float, won: int) -> float | None:
    """Return the spend per customer of the cohort won so far."""
    return ratio(spend, won)


@define(
    Message("Acquisition cost, calendar view"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("spend of the period / wins by the day of closing"),
    ({"spend": 30_000.0, "closed_won": 12}, 2_500.0),
    is_quality=True,
    higher_is_better=False,
    period=Message("calendar: spend and wins of the period, of different leads"),
)
def cac_calendar(spend: float, closed_won: int) -> float | None:
    """Return the spend of the period per customer won in it."""
    return ratio(spend, closed_won)


@define(
    Message("Customer lifetime value, revenue"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("monthly revenue of a customer / monthly churn - spend / (wins + expected wins) - cost to serve"),
    (
        {
            "monthly_revenue": 500.0,
            "monthly_churn": 0.02,
            "spend": 30_000.0,
            "won": 12,
            "predicted_wins": 0.0,
            "serving_cost": 0.0,
        },
        22_500.0,
    ),
    is_quality=True,
)
def clv_revenue(
    monthly_revenue: float, monthly_churn: float, spend: float, won: int, predicted_wins: float, serving_cost: float
) -> float | None:
    """Return the revenue of a customer less the cost to acquire and serve it."""
    return _clv(monthly_revenue, monthly_churn, spend, won + predicted_wins, serving_cost)


@define(
    Message("Customer lifetime value, margin"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("monthly revenue of a customer x (revenue - cost of goods) / revenue / monthly churn"),
    ({"monthly_revenue": 500.0, "monthly_churn": 0.02, "revenue": 100.0, "cost": 20.0}, 20_000.0),
    is_quality=True,
)
def clv_margin(monthly_revenue: float, monthly_churn: float, revenue: float, cost: float) -> float | None:
    """Return the gross margin of a customer over its life."""
    return _lifetime_margin(monthly_revenue, monthly_churn, revenue, cost)


@define(
    Message("Customer lifetime value, discounted"),
    Kind.LAGGING,
    Unit.MONEY,
    Message(
        "m (1 + discount rate) / (discount rate + monthly churn), m = monthly revenue of "
        "a customer x (revenue - cost of goods) / revenue"
    ),
    (
        {"monthly_revenue": 500.0, "monthly_churn": 0.02, "revenue": 100.0, "cost": 20.0, "discount": 0.01},
        400 * 1.01 / 0.03,
    ),
    is_quality=True,
)
def clv_discounted(
    monthly_revenue: float, monthly_churn: float, revenue: float, cost: float, discount: float
) -> float | None:
    """Return the present value of the margin of a customer."""
    return _discounted(monthly_revenue, monthly_churn, revenue, cost, discount)


@define(
    Message("LTV:CAC"),
    Kind.LAGGING,
    Unit.RATIO,
    Message(
        "monthly revenue of a customer x (revenue - cost of goods) / revenue / monthly "
        "churn, divided by spend / (wins + expected wins)"
    ),
    (
        {
            "monthly_revenue": 500.0,
            "monthly_churn": 0.02,
            "revenue": 100.0,
            "cost": 20.0,
            "spend": 30_000.0,
            "won": 12,
            "predicted_wins": 0.0,
        },
        8.0,
    ),
    is_quality=True,
)
def ltv_cac(
    monthly_revenue: float,
    monthly_churn: float,
    revenue: float,
    cost: float,
    spend: float,
    won: int,
    predicted_wins: float,
) -> float | None:
    """Return the lifetime margin of a customer over the cost to acquire it."""
    return _quotient(
        _lifetime_margin(monthly_revenue, monthly_churn, revenue, cost), ratio(spend, won + predicted_wins)
    )


@define(
    Message("Payback"),
    Kind.LAGGING,
    Unit.RATIO,
    Message(
        "spend / (wins + expected wins), divided by monthly revenue of a customer x "
        "(revenue - cost of goods) / revenue: months"
    ),
    (
        {"monthly_revenue": 500.0, "revenue": 100.0, "cost": 20.0, "spend": 30_000.0, "won": 12, "predicted_wins": 0.0},
        6.25,
    ),
    is_quality=True,
    higher_is_better=False,
)
def payback_months(
    monthly_revenue: float, revenue: float, cost: float, spend: float, won: int, predicted_wins: float
) -> float | None:
    """Return the months until a customer has paid its acquisition."""
    return _quotient(ratio(spend, won + predicted_wins), _monthly_margin(monthly_revenue, revenue, cost))


@define(
    Message("ROI: customer lifetime value - marketing"),
    Kind.LAGGING,
    Unit.MONEY,
    Message("wins x monthly revenue of a customer x (revenue - cost of goods) / revenue / monthly churn - spend"),
    (
        {"monthly_revenue": 500.0, "monthly_churn": 0.02, "revenue": 100.0, "cost": 20.0, "won": 12, "spend": 30_000.0},
        210_000.0,
    ),
    is_quality=True,
)
def roi_clv(
    monthly_revenue: float, monthly_churn: float, revenue: float, cost: float, won: int, spend: float
) -> float | None:
    """Return the lifetime margin of the customers won less marketing."""
    return _roi(_lifetime_margin(monthly_revenue, monthly_churn, revenue, cost), won, spend)


@define(
    Message("Churn"),
    Kind.LAGGING,
    Unit.SHARE,
    Message("customers lost in the period / customers at its start"),
    ({"customers_lost": 4, "customers_at_start": 100}, 0.04),
    is_quality=True,
    higher_is_better=False,
)
def churn(customers_lost: int, customers_at_start: int) -> float | None:
    """Return the share of customers lost, by the source of their first touch."""
    return ratio(customers_lost, customers_at_start)


def _monthly_margin(monthly_revenue: float, revenue: float, cost: float) -> float | None:
    margin_share = ratio(revenue - cost, revenue)
    return None if margin_share is None else monthly_revenue * margin_share


def _lifetime_margin(monthly_revenue: float, monthly_churn: float, revenue: float, cost: float) -> float | None:
    return _quotient(_monthly_margin(monthly_revenue, revenue, cost), monthly_churn)


def _discounted(
    monthly_revenue: float, monthly_churn: float, revenue: float, cost: float, discount: float
) -> float | None:
    monthly = _monthly_margin(monthly_revenue, revenue, cost)
    return None if monthly is None else ratio(monthly * (1.0 + discount), discount + monthly_churn)


def _clv(
    monthly_revenue: float, monthly_churn: float, spend: float, customers: float, serving_cost: float
) -> float | None:
    lifetime_revenue, acquisition = ratio(monthly_revenue, monthly_churn), ratio(spend, customers)
    if lifetime_revenue is None or acquisition is None:
        return None
    return lifetime_revenue - acquisition - serving_cost


def _roi(lifetime_margin: float | None, won: int, spend: float) -> float | None:
    return None if lifetime_margin is None else won * lifetime_margin - spend


def _quotient(numerator: float | None, denominator: float | None) -> float | None:
    return None if numerator is None or denominator is None else ratio(numerator, denominator)
