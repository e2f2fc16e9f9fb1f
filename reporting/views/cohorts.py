"""Cohorts: revenue of the leads of each month that is seen and predicted, and leads of which nothing is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from reporting.page.page_model import CohortBar, CohortBlock, Figure, Level, Message, Notice, Quantity, Unit
from reporting.statistics.channel_comparison import tau_of_record
from reporting.views.channel_returns import revenue_interval, value_variation
from reporting.views.figure_texts import FigureMaker
from reporting.views.metric_inputs import MILLION
from reporting.views.page_sums import PageSums, seen_only, sum_of
from reporting.views.report_filters import ReportFilters
from reporting.views.unpriced_wins import count_unpriced, with_unpriced
from store import report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.report_queries import Sums
    from store.report_scope import ReportScope

SHOWN_MONTHS = 12
READ_MONTHS = 36
_DAYS_AFTER_MONTH = 32


@dataclass(frozen=True)
class CohortHistory:
    """Sums of the leads of each month and channel.

    Attributes
    ----------
    cells
        First day of the month, channel -> sums over leads.
    today, horizon_days
        A month is complete where all of its leads are older than the horizon.
    unpriced
        Wins of the months that are shown whose amount is not known.
    """

    cells: Mapping[tuple[date, str], Sums]
    today: date
    horizon_days: int
    unpriced: int = 0

    @cached_property
    def months(self) -> Mapping[date, Sums]:
        """Sums of each month, oldest first."""
        months: dict[date, list[Sums]] = {}
        for (month, _), sums in sorted(self.cells.items()):
            months.setdefault(month, []).append(sums)
        return {month: sum_of(parts) for month, parts in months.items()}

    @property
    def shown(self) -> Mapping[date, Sums]:
        """Sums of the months of the block."""
        return dict(list(self.months.items())[-SHOWN_MONTHS:])

    def is_complete(self, month: date) -> bool:
        """Return whether all outcomes of a month that count have come."""
        end = (month + timedelta(days=_DAYS_AFTER_MONTH)).replace(day=1)
        return (self.today - end).days >= self.horizon_days

    @cached_property
    def complete(self) -> Sums:
        """Sums of the months that are complete."""
        return sum_of(self._complete_cells)

    @cached_property
    def _complete_cells(self) -> list[Sums]:
        complete = {month for month in self.months if self.is_complete(month)}
        return [sums for (month, _), sums in self.cells.items() if month in complete]

    def without_predictions(self) -> CohortHistory:
        """Return the history with what is seen of open leads only."""
        return replace(self, cells={cell: seen_only(sums) for cell, sums in self.cells.items()})

    @cached_property
    def tau(self) -> float:
        """Error of past predictions, from the complete months of each channel."""
        cells = [sums for sums in self._complete_cells if sums["submit_win_ppm"]]
        variation = value_variation(sum_of(cells))
        return tau_of_record(
            [float(sums["submit_value_micros"]) for sums in cells],
            [float(sums["submit_revenue_micros"]) for sums in cells],
            [_chance(sums, variation) for sums in cells],
        )


def read_history(connection: Connection, sums: PageSums) -> CohortHistory:
    """Return the sums of the months up to the end of the period."""
    history = history_until(connection, sums.filters.scope, sums.days.last, sums.today, sums.settings.horizon_days)
    if not history.shown:
        return history
    filters = _of_cohorts(sums.filters, history)
    return replace(history, unpriced=count_unpriced(connection, filters, filters.days(sums.today), sums.zone))


def _of_cohorts(filters: ReportFilters, history: CohortHistory) -> ReportFilters:
    """Return the state of the page with the leads of the cohorts that are shown."""
    return filters.with_(period=f"{min(history.shown)}..{_month_end(max(history.shown))}", view="cohort")


def history_until(
    connection: Connection, scope: ReportScope, last: date, today: date, horizon_days: int
) -> CohortHistory:
    """Return the sums of the months up to that of a day.

    Parameters
    ----------
    connection
        Connection to the store.
    scope
        Filters.
    last
        Last day of the period.
    today
        In the zone of the report.
    horizon_days
        Age after which a lead is no longer expected to be won.
    """
    index = last.year * 12 + last.month - READ_MONTHS
    first = date(index // 12, index % 12 + 1, 1)
    months = report_queries.month_sums(connection, scope, first, last)
    cells = {(date.fromisoformat(f"{month}-01"), channel): found for (month, channel), found in months.items()}
    return CohortHistory(cells, today, horizon_days)


def cohort_block(history: CohortHistory, sums: PageSums, make: FigureMaker, tau: float) -> CohortBlock | None:
    """Return the block of cohorts; None without money, without leads, or without outcomes and predictions."""
    months = history.shown
    everything = sum_of(months.values())
    if not make.reader.money or not (everything.get("open_scored") or everything.get("won")):
        return None
    variation = value_variation(everything)
    bars = tuple(_bar(start, of_month, sums.today, tau, variation) for start, of_month in months.items())
    low, high = revenue_interval(everything, tau, variation)
    filters = _of_cohorts(sums.filters, history)
    figure = Figure(
        metric="cohort_revenue",
        title=Message(
            "Revenue of the leads of {count} {count|month|months}, seen + predicted", {"count": Quantity(len(months))}
        ),
        quantity=make.money((everything["revenue_micros"] + everything["open_value_micros"]) / MILLION),
        low=low,
        high=high,
        href=make.href("revenue_and_predicted", filters),
        unit=Unit.MONEY,
        currency=make.currency,
    )
    notices: tuple[Notice, ...] = ()
    if sums.filters.view == "calendar":
        notices = (Notice(Level.INFO, Message("Cohorts count by the day of submit in every view.")),)
    return CohortBlock(with_unpriced(figure, history.unpriced, make, filters), bars, make.currency, notices)


def _bar(start: date, sums: Sums, today: date, tau: float, variation: float) -> CohortBar:
    low, high = revenue_interval(sums, tau, variation)
    return CohortBar(
        start=start,
        seen=sums["revenue_micros"] / MILLION,
        predicted=sums["open_value_micros"] / MILLION,
        low=low,
        high=high,
        unknown=sums["leads"] - sums["scored"],
        partial=(start.year, start.month) == (today.year, today.month),
    )


def _chance(sums: Sums, variation: float) -> float:
    """Return the variance of ln(came / said) of a cohort by the luck of single leads."""
    said = sums["submit_win_ppm"] / MILLION
    return (1.0 - min(said / max(sums["scored"], 1), 1.0) + variation**2) / said


def _month_end(month: date) -> date:
    return (month + timedelta(days=_DAYS_AFTER_MONTH)).replace(day=1) - timedelta(days=1)
