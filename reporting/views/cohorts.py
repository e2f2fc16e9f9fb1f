"""Cohorts: revenue of the leads of each month that is seen and predicted, and leads of which nothing is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from reporting.page.page_model import CohortBar, CohortBlock, Figure, Level, Message, Notice, Quantity, Unit
from reporting.views.figure_texts import FigureMaker
from reporting.views.page_sums import PageSums
from reporting.views.predicted_interval import DEFAULT_ERROR, deal_variation, predicted_interval
from store import report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.report_queries import Sums

MONTHS = 12
MILLION = 1_000_000


def cohort_months(connection: Connection, sums: PageSums) -> dict[date, Sums]:
    """Return the sums of the leads of the last months up to the end of the period, by the first day of the month."""
    last = sums.days.last
    index = last.year * 12 + last.month - MONTHS
    first = date(index // 12, index % 12 + 1, 1)
    by_month = report_queries.month_sums(connection, sums.filters.scope, first, last)
    return {date.fromisoformat(f"{month}-01"): of_month for month, of_month in sorted(by_month.items())}


def cohort_block(
    months: Mapping[date, Sums], sums: PageSums, make: FigureMaker, error: float = DEFAULT_ERROR
) -> CohortBlock | None:
    """Return the block of cohorts; None without money, without leads, or without outcomes and predictions."""
    if not make.reader.money or not any(of_month["scored"] or of_month["won"] for of_month in months.values()):
        return None
    everything: Sums = {}
    for of_month in months.values():
        everything = {name: everything.get(name, 0) + amount for name, amount in of_month.items()}
    variation = deal_variation(everything)
    bars = tuple(_bar(start, of_month, sums.today, variation, error) for start, of_month in months.items())
    low, high = predicted_interval(everything, variation, error)
    seen = everything["revenue_micros"] / MILLION
    predicted = everything["open_value_micros"] / MILLION
    first, last = min(months), sums.days.last
    filters = sums.filters.with_(period=f"{first}..{last}", view="cohort")
    figure = Figure(
        metric="cohort_revenue",
        title=Message("Revenue of the leads of the last {count} months", {"count": Quantity(len(months))}),
        quantity=make.money(seen + predicted),
        low=seen + low,
        high=seen + high,
        href=make.href("cohort_revenue", filters),
        unit=Unit.MONEY,
        currency=make.currency,
    )
    notices = ()
    if sums.filters.view == "calendar":
        notices = (Notice(Level.INFO, Message("Cohorts count by the day of submit in every view.")),)
    return CohortBlock(figure, bars, make.currency, notices)


def _bar(start: date, sums: Sums, today: date, variation: float, error: float) -> CohortBar:
    low, high = predicted_interval(sums, variation, error)
    seen = sums["revenue_micros"] / MILLION
    return CohortBar(
        start=start,
        seen=seen,
        predicted=sums["open_value_micros"] / MILLION,
        low=seen + low,
        high=seen + high,
        unknown=sums["leads"] - sums["scored"],
        partial=(start.year, start.month) == (today.year, today.month),
    )
