"""Open deals by the stage that they have reached, and leads of a range of days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import case, func, select

from store.report_schema import lead_facts
from store.report_scope import ReportScope, within

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FACT = lead_facts.c


class OpenDeals(NamedTuple):
    """Open deals of the leads that were submitted on a day.

    Attributes
    ----------
    stage
        `sql` or `quoted`, the furthest that they have reached.
    value_micros
        Their expected revenue if they are won.
    without_value
        Deals whose expected revenue is not known; they add nothing.
    """

    day: str
    stage: str
    deals: int
    value_micros: int
    without_value: int


def open_deals(connection: Connection, scope: ReportScope, first: date, last: date) -> list[OpenDeals]:
    """Return the open deals of the leads of a range of days, by day and stage."""
    stage = case((_FACT.quote_at.is_not(None), "quoted"), else_="sql")
    value = func.coalesce(func.sum(_FACT.expected_revenue_micros), 0)
    missing = func.count() - func.count(_FACT.expected_revenue_micros)
    is_deal = _FACT.sql_at.is_not(None) | _FACT.quote_at.is_not(None)
    query = select(_FACT.day, stage, func.count(), value, missing).where(
        within(_FACT.day, first, last),
        is_deal,
        _FACT.won_at.is_(None),
        _FACT.lost_at.is_(None),
        *scope.conditions(lead_facts),
    )
    return [
        OpenDeals(day, name, int(deals), int(micros), int(unknown))
        for day, name, deals, micros, unknown in connection.execute(query.group_by(_FACT.day, stage))
    ]
