"""Figures with their links, units and intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reporting.metrics.registry import METRICS
from reporting.page.page_model import Figure, Message, Quantity, Unit
from reporting.views.metric_inputs import (
    EVENT_INPUTS,
    LEAD_INPUTS,
    MATURE_INPUTS,
    SPEND_INPUTS,
    TRAFFIC_INPUTS,
    ScopeSums,
    compute,
)
from reporting.views.missing_notes import missing_note
from reporting.views.report_filters import ReportFilters

if TYPE_CHECKING:
    from reporting.metrics.metric import Metric

COST_METRICS = frozenset(
    {"spend", "raw_cpl", "genuine_cpl", "cost_per_mql", "cost_per_sql", "cac", "cac_seen", "cac_calendar"}
)
"""Metrics that readers of `hide_costs_from` do not see."""


OF_LEADS = frozenset(
    {
        "pipeline",
        "weighted_pipeline",
        "response_median",
        "response_within_5",
        "untouched_mql",
        "velocity_mql_sql",
        "velocity_sql_quote",
        "velocity_quote_close",
    }
)
"""Metrics of leads that are no function of sums over them."""


@dataclass(frozen=True)
class PageReader:
    """What the reader of a page may see.

    Attributes
    ----------
    money
        Amounts of money.
    costs
        Costs; only with money.
    leads
        Leads behind the figures.
    is_shared
        Whether a share link shows the page.
    """

    money: bool = True
    costs: bool = True
    leads: bool = True
    is_shared: bool = False

    def sees(self, metric: Metric) -> bool:
        """Return whether the reader may see a metric."""
        if metric.unit is Unit.MONEY and not self.money:
            return False
        return self.costs or metric.name not in COST_METRICS


@dataclass(frozen=True)
class FigureMaker:
    """Makes the figures of a page.

    Attributes
    ----------
    filters
        State of the page, for the links.
    currency
        Of all money.
    """

    filters: ReportFilters
    currency: str
    reader: PageReader

    def quantity(self, metric: Metric, value: float | None) -> Quantity | None:
        """Return a value with the unit of a metric."""
        return None if value is None else self.plain(value, metric.unit)

    def plain(self, value: float, unit: Unit) -> Quantity:
        """Return a value with a unit."""
        return Quantity(value, unit, self.currency if unit is Unit.MONEY else None)

    def money(self, amount: float) -> Quantity:
        """Return an amount."""
        return Quantity(amount, Unit.MONEY, self.currency)

    def href(self, figure: str, filters: ReportFilters | None = None) -> str | None:
        """Return the address of the leads behind a figure; None without the right to see them."""
        return (filters or self.filters).link("report/leads", figure=figure) if self.reader.leads else None

    def page_href(self, **changes: object) -> str | None:
        """Return the address of the page with other filters; None on a shared page."""
        return None if self.reader.is_shared else self.filters.with_(**changes).link("report")

    def of(self, name: str, sums: ScopeSums, before: ScopeSums | None = None, note: Message | None = None) -> Figure:
        """Return the figure of a metric, with its change against the period of comparison."""
        metric = METRICS[name]
        value = compute(metric, sums.inputs)
        figure = Figure(
            metric=name,
            title=metric.title,
            quantity=self.quantity(metric, value),
            note=note if value is not None or note is not None else missing_note(metric, sums),
            href=self.href(name) if has_rows(metric) else None,
            unit=metric.unit,
            currency=self.currency if metric.unit is Unit.MONEY else None,
        )
        if before is None or value is None:
            return figure
        return replace(figure, change=relative_change(value, compute(metric, before.inputs)))


def has_rows(metric: Metric) -> bool:
    """Return whether leads, spend or sessions are behind a metric, not only imported counts and settings."""
    sources = (LEAD_INPUTS, EVENT_INPUTS, SPEND_INPUTS, TRAFFIC_INPUTS, MATURE_INPUTS)
    return metric.name in OF_LEADS or any(name in source for name in metric.inputs for source in sources)


def relative_change(now: float, before: float | None) -> float | None:
    """Return the change as a share of what was before; None where that is 0 or not known.

    Examples
    --------
    >>> relative_change(431_000.0, 400_000.0), relative_change(1.0, 0.0)
    (0.0775, None)
    """
    return None if before is None or before == 0 else (now - before) / abs(before)


def money_columns(columns: Mapping[str, Quantity | None], reader: PageReader) -> dict[str, Quantity | None]:
    """Return the columns of a table that the reader may see."""
    return {
        name: quantity
        for name, quantity in columns.items()
        if (reader.money or quantity is None or quantity.unit is not Unit.MONEY)
        and (reader.costs or name not in COST_METRICS)
    }
