"""Spend in the currencies of its platforms, where some of it has no rate and so no sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from store.report_schema import spend_days
from store.report_scope import ReportScope, within

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class CurrencySpend:
    """Spend of a channel in one currency.

    Attributes
    ----------
    cost_micros
        In millionths of `currency`.
    has_rate
        Whether all of it could be converted.
    """

    channel: str
    currency: str
    cost_micros: int
    has_rate: bool


def spend_by_currency(connection: Connection, scope: ReportScope, first: date, last: date) -> list[CurrencySpend]:
    """Return the spend of a range of days by channel and currency."""
    table = spend_days.c
    missing = func.sum(case((table.converted_micros.is_(None), 1), else_=0))
    keys = (table.channel, table.currency)
    query = select(*keys, func.sum(table.cost_micros), missing).where(
        within(table.day, first, last), *scope.conditions(spend_days)
    )
    return [
        CurrencySpend(channel, currency, int(cost), not unconverted)
        for channel, currency, cost, unconverted in connection.execute(query.group_by(*keys).order_by(*keys))
    ]
