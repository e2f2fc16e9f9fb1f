"""Money of the report in another currency: facts, sums, spend and what searches cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Double, case, cast, func, select, update

from store.credit_schema import credit_days, credit_months
from store.funnel_rollups import rewrite_funnel
from store.report_schema import (
    campaign_days,
    figure_snapshots,
    lead_days,
    lead_facts,
    lead_months,
    outcome_days,
    query_days,
    spend_days,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

Rates = Callable[[str, str], float | None]
"""Value of one unit of a currency in a month, such as `2026-10`; None without a rate."""
_TABLES = (lead_facts, lead_days, lead_months, outcome_days, credit_days, credit_months)
_SQUARES = "revenue_squares"
_GREATEST = 9e18


def convert_money(connection: Connection, currency: str, rate: float, rates: Rates) -> None:
    """Convert all money of the report.

    Facts and their sums are multiplied, so that days whose facts are no longer kept go on; spend is converted from
    the currency of its platform. Figures as they were shown stay, and are marked with the currency of then.

    Parameters
    ----------
    connection
        In a transaction.
    currency
        Present currency of facts and sums.
    rate
        Value of one unit of it in the new one.
    rates
        Rates of spend.
    """
    for table in _TABLES:
        values: dict[str, ColumnElement[Any]] = {
            column.name: _times(column, rate) for column in table.columns if column.name.endswith("_micros")
        }
        if _SQUARES in table.c:
            values[_SQUARES] = _times(table.c[_SQUARES], rate * rate)
        connection.execute(update(table).values(values))
    for table in (spend_days, query_days):
        columns = table.c
        month = func.substr(columns.day, 1, 7)
        kinds = select(columns.currency, month).where(columns.currency.is_not(None)).distinct()
        for code, of_month in connection.execute(kinds).all():
            own = rates(code, of_month)
            value = None if own is None else _times(columns.cost_micros, own)
            inside = (columns.currency == code) & columns.day.between(f"{of_month}-01", f"{of_month}-31")
            connection.execute(update(table).where(inside).values(converted_micros=value))
    rewrite_funnel(connection, list(connection.execute(select(campaign_days.c.day).distinct()).scalars()))
    unmarked = figure_snapshots.c.currency == ""
    connection.execute(update(figure_snapshots).where(unmarked).values(currency=currency))


def _times(amount: ColumnElement[Any], factor: float) -> ColumnElement[Any]:
    product = cast(amount, Double) * factor
    return cast(func.round(case((product > _GREATEST, _GREATEST), else_=product)), BigInteger)
