"""Goals: target revenue, the straight line of a period, and the funnel backwards from revenue to spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

RAISE_IN_POINTS = 0.05
RAISE_FACTOR = 1.05


def mean_growth(revenues: Sequence[float]) -> float | None:
    """Return the mean year-on-year growth; None with fewer than two years, or without revenue in one before the last.

    Parameters
    ----------
    revenues
        Revenue of successive full years, oldest first; four of them for the growth of three years.

    Examples
    --------
    >>> round(mean_growth((1.0, 1.1, 1.265, 1.328)), 4)
    0.0999
    """
    if len(revenues) < 2 or min(revenues[:-1]) <= 0:
        return None
    changes = [now / before - 1.0 for before, now in pairwise(revenues)]
    return sum(changes) / len(changes)


def target_revenue_by_points(revenues: Sequence[float]) -> float | None:
    """Return last year's revenue raised by the mean growth and 5 points.

    Examples
    --------
    >>> round(target_revenue_by_points((1_000_000, 1_100_000, 1_265_000, 1_328_000)), 2)
    1527112.52
    """
    growth = mean_growth(revenues)
    return None if growth is None else revenues[-1] * (1.0 + growth + RAISE_IN_POINTS)


def target_revenue_by_factor(revenues: Sequence[float]) -> float | None:
    """Return last year's revenue raised by 1.05 times the mean growth.

    Examples
    --------
    >>> round(target_revenue_by_factor((1_000_000, 1_100_000, 1_265_000, 1_328_000)), 2)
    1467348.14
    """
    growth = mean_growth(revenues)
    return None if growth is None else revenues[-1] * (1.0 + growth * RAISE_FACTOR)


def expected_progress(target: float, first_day: date, last_day: date, today: date) -> float:
    """Return what a straight line through the period asks for at the end of `today`.

    Examples
    --------
    >>> expected_progress(2_000, date(2026, 10, 1), date(2026, 10, 20), date(2026, 10, 5))
    500.0
    """
    days = (last_day - first_day).days + 1
    elapsed = min(max((today - first_day).days + 1, 0), days)
    return target * elapsed / days


@dataclass(frozen=True)
class FunnelRates:
    """Rates of the own funnel.

    Attributes
    ----------
    value_per_win
        Revenue of a win.
    sql_to_win, mql_to_sql, lead_to_mql, visit_to_lead
        Shares; leads are genuine ones.
    cost_per_lead
        Spend per genuine lead.
    """

    value_per_win: float
    sql_to_win: float
    mql_to_sql: float
    lead_to_mql: float
    visit_to_lead: float
    cost_per_lead: float


@dataclass(frozen=True)
class NeededFunnel:
    """What a goal of revenue needs."""

    revenue: float
    wins: float
    sqls: float
    mqls: float
    genuine_leads: float
    visits: float
    spend: float


def backward_funnel(revenue: float, rates: FunnelRates) -> NeededFunnel | None:
    """Return what a goal of revenue needs, from wins back to visits and spend; None where a rate is 0.

    Examples
    --------
    >>> needed = backward_funnel(600_000, FunnelRates(12_000, 0.25, 0.8, 0.2, 0.025, 60.0))
    >>> needed.wins, needed.sqls, needed.mqls, needed.genuine_leads, needed.visits, needed.spend
    (50.0, 200.0, 250.0, 1250.0, 50000.0, 75000.0)
    """
    if min(rates.value_per_win, rates.sql_to_win, rates.mql_to_sql, rates.lead_to_mql, rates.visit_to_lead) <= 0:
        return None
    wins = revenue / rates.value_per_win
    sqls = wins / rates.sql_to_win
    mqls = sqls / rates.mql_to_sql
    leads = mqls / rates.lead_to_mql
    return NeededFunnel(revenue, wins, sqls, mqls, leads, leads / rates.visit_to_lead, leads * rates.cost_per_lead)


def furthest_behind(needed: NeededFunnel, present: NeededFunnel, elapsed: float) -> str | None:
    """Return the stage furthest behind the straight line of what is needed; None where none is behind.

    Parameters
    ----------
    elapsed
        Share of the period that has passed.

    Examples
    --------
    >>> needed = NeededFunnel(600_000, 50, 200, 250, 1_250, 50_000, 75_000)
    >>> furthest_behind(needed, NeededFunnel(300_000, 25, 110, 80, 700, 30_000, 40_000), 0.5)
    'mqls'
    """
    stages = ("wins", "sqls", "mqls", "genuine_leads", "visits")
    parts = {
        stage: getattr(present, stage) / (getattr(needed, stage) * elapsed)
        for stage in stages
        if getattr(needed, stage) * elapsed > 0
    }
    behind = {stage: part for stage, part in parts.items() if part < 1.0}
    return min(behind, key=behind.__getitem__) if behind else None
