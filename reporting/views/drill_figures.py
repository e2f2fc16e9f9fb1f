"""Leads and rows behind a figure of the page, and proof that they add up to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from leadworth.errors import InputError
from reporting.facts.currency_change import require_currency
from reporting.facts.report_days import report_zone
from reporting.metrics.registry import METRICS
from reporting.page.page_model import Message, Unit
from reporting.statistics.pipeline_value import stage_probabilities
from reporting.views.cohorts import history_until
from reporting.views.hand_over import MATURE_DAYS
from reporting.views.metric_inputs import (
    EVENT_INPUTS,
    LEAD_INPUTS,
    MATURE_INPUTS,
    MILLION,
    SPEND_INPUTS,
    TRAFFIC_INPUTS,
    ScopeSums,
    setting_inputs,
)
from reporting.views.report_filters import ReportFilters
from reporting.views.report_period import DayRange
from reporting.views.source_reach import source_end
from store import drill_down
from store.drill_down import LeadSelection
from store.report_snapshot import newest_imports

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings

FURTHER: Mapping[str, tuple[Message, tuple[str, ...]]] = {
    "revenue_and_predicted": (Message("Revenue, seen + predicted"), ("revenue_micros", "open_value_micros")),
    "wins_without_amount": (Message("Wins without an amount"), ("unpriced",)),
    "response_median": (Message("Median response, in business hours"), ("leads", "touched")),
    "response_within_5": (Message("Answered within 5 minutes"), ("leads", "touched")),
    "untouched_mql": (Message("MQLs that wait for sales"), ("untouched", "untouched_micros")),
    "untouched_value": (
        Message("predicted revenue of the MQLs that wait"),
        ("untouched_micros", "untouched"),
    ),
    "velocity_mql_sql": (Message("MQL to SQL"), ("mql", "sql")),
    "velocity_sql_quote": (Message("SQL to quote"), ("sql", "quoted")),
    "velocity_quote_close": (Message("Quote to close"), ("quoted", "won")),
    "pipeline": (METRICS["pipeline"].title, ("deals_sql_micros", "deals_quoted_micros")),
    "weighted_pipeline": (METRICS["weighted_pipeline"].title, ("deals_sql_micros", "deals_quoted_micros")),
    "money_at_risk": (Message("at risk"), ("leads", "junk")),
    "moved_wrongly": (
        Message("of revenue missed, because a larger share of spend went there than in the comparison period"),
        ("leads", "revenue_micros", "open_value_micros"),
    ),
}
"""Figures that no metric of the registry computes from sums: title, and the sums over leads behind them."""
BY_SUBMIT = frozenset(FURTHER) - {"revenue_and_predicted", "wins_without_amount", "moved_wrongly"}
"""Figures whose leads count by the day of submit in every view."""
PART_TITLES: Mapping[str, tuple[Message, Unit]] = {
    "leads": (Message("Leads"), Unit.COUNT),
    "scored": (Message("Scored"), Unit.COUNT),
    "genuine_ppm": (Message("Genuine leads"), Unit.COUNT),
    "junk": (Message("Junk"), Unit.COUNT),
    "mql": (Message("MQL"), Unit.COUNT),
    "sql": (Message("SQL"), Unit.COUNT),
    "quoted": (Message("Quotes"), Unit.COUNT),
    "won": (Message("Wins"), Unit.COUNT),
    "lost": (Message("Lost"), Unit.COUNT),
    "unpriced": (Message("Wins without an amount"), Unit.COUNT),
    "touched": (Message("Contacted"), Unit.COUNT),
    "deals_sql_micros": (Message("Open deals without a quote"), Unit.MONEY),
    "deals_quoted_micros": (Message("Open deals with a quote"), Unit.MONEY),
    "revenue_micros": (Message("Revenue"), Unit.MONEY),
    "cost_micros": (Message("Cost of goods"), Unit.MONEY),
    "open_scored": (Message("Open leads"), Unit.COUNT),
    "open_win_ppm": (Message("Wins predicted"), Unit.COUNT),
    "open_value_micros": (Message("Predicted value"), Unit.MONEY),
    "untouched": (Message("MQLs that wait for sales"), Unit.COUNT),
    "untouched_micros": (Message("Predicted value"), Unit.MONEY),
}


class UnknownFigureError(InputError):
    """The page has no such figure."""


@dataclass(frozen=True)
class DrillDown:
    """What is behind a figure.

    Attributes
    ----------
    figure, title
        Name and title.
    unit
        Of the figure.
    selection
        Leads behind it; None where it has no sum over leads.
    leads
        Number of leads.
    totals
        Sum over all leads of each part, as stored (millionths of money and probabilities).
    spend, traffic
        Rows of spend and sessions behind it.
    value
        The figure, computed from the leads and rows alone; None where it is withheld or is not a function of sums.
    """

    figure: str
    title: Message
    unit: Unit
    selection: LeadSelection | None
    leads: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)
    spend: tuple[Mapping[str, Any], ...] = ()
    traffic: tuple[Mapping[str, Any], ...] = ()
    value: float | None = None


def drill_down_of(
    connection: Connection, settings: Settings, filters: ReportFilters, figure: str, now: datetime
) -> DrillDown:
    """Return what is behind a figure.

    Raises
    ------
    UnknownFigureError
        If there is no such figure.
    ConfigurationError
        If the figures are in another currency than that of the settings.
    """
    require_currency(connection, settings)
    zone = report_zone(settings)
    today = now.astimezone(zone).date()
    days = filters.days(today)
    end = source_end(newest_imports(connection), days, today)
    days = days if end is None else days.until(end.day)
    if figure in FURTHER:
        title, parts = FURTHER[figure]
        selection = _selection(filters, days, zone, parts, figure)
        leads, totals = drill_down.lead_totals(connection, selection)
        value = None
        if figure in ("revenue_and_predicted", "pipeline"):
            value = sum(totals.values()) / MILLION
        elif figure == "weighted_pipeline":
            history = history_until(connection, filters.scope, days.last, today, settings.horizon_days)
            value = _weighted(totals, stage_probabilities(history.complete))
        elif figure in ("untouched_mql", "wins_without_amount"):
            value = float(totals[parts[0]])
        elif figure == "untouched_value":
            value = totals["untouched_micros"] / MILLION
        return DrillDown(figure, title, unit_of(figure), selection, leads, totals, value=value)
    if figure not in METRICS:
        raise UnknownFigureError("figure has an unknown value", allowed=", ".join(sorted({*METRICS, *FURTHER})))
    return _of_metric(connection, settings, filters, figure, days, today)


def unit_of(figure: str) -> Unit:
    """Return the unit of a figure that no metric computes from sums."""
    if figure in ("revenue_and_predicted", "untouched_value", "pipeline", "weighted_pipeline"):
        return Unit.MONEY
    return Unit.COUNT


def _weighted(totals: Mapping[str, int], chances: Mapping[str, float]) -> float | None:
    """Return the open deals by the probability of their stage; None where a stage with deals has none."""
    amounts = {"sql": totals["deals_sql_micros"], "quoted": totals["deals_quoted_micros"]}
    if any(amount and stage not in chances for stage, amount in amounts.items()):
        return None
    return sum(amount * chances.get(stage, 0.0) for stage, amount in amounts.items()) / MILLION


def _of_metric(
    connection: Connection,
    settings: Settings,
    filters: ReportFilters,
    figure: str,
    days: DayRange,
    today: date,
) -> DrillDown:
    metric, zone = METRICS[figure], report_zone(settings)
    selection, leads, totals = None, 0, dict[str, int]()
    further: dict[str, float] = {}
    of_leads = [LEAD_INPUTS[name][0] for name in metric.inputs if name in LEAD_INPUTS]
    of_events = [EVENT_INPUTS[name][0] for name in metric.inputs if name in EVENT_INPUTS]
    of_mature = [MATURE_INPUTS[name] for name in metric.inputs if name in MATURE_INPUTS]
    parts = tuple(dict.fromkeys([*of_leads, *of_events, *of_mature]))
    if parts:
        days_of_leads = days.until(today - timedelta(days=MATURE_DAYS)) if of_mature else days
        view = "calendar" if of_events else "cohort" if of_mature else filters.view
        chosen = filters.with_(view=view)
        selection = _selection(chosen, days_of_leads, zone, parts, figure)
        leads, totals = drill_down.lead_totals(connection, selection)
        further = {name: float(totals[part]) for name, part in MATURE_INPUTS.items() if name in metric.inputs}
        further |= {name: float(totals[part]) for name, (part, _) in EVENT_INPUTS.items() if name in metric.inputs}
    spend, traffic = _rows_behind(connection, metric.inputs, filters, days)
    sums = ScopeSums(
        {**dict.fromkeys((part for part, _ in LEAD_INPUTS.values()), 0), **totals},
        _sum_of_spend(spend),
        _sum_of_traffic(traffic),
        None,
        {**setting_inputs(settings, days.days), **further},
    )
    return DrillDown(figure, metric.title, metric.unit, selection, leads, totals, spend, traffic, sums.value(figure))


def _rows_behind(
    connection: Connection, inputs: tuple[str, ...], filters: ReportFilters, days: DayRange
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
    spend: tuple[Mapping[str, Any], ...] = ()
    traffic: tuple[Mapping[str, Any], ...] = ()
    if any(name in SPEND_INPUTS for name in inputs):
        spend = tuple(drill_down.spend_behind(connection, filters.scope, days.first, days.last))
    if any(name in TRAFFIC_INPUTS for name in inputs):
        traffic = tuple(drill_down.traffic_behind(connection, filters.scope, days.first, days.last))
    return spend, traffic


def _selection(
    filters: ReportFilters, days: DayRange, zone: ZoneInfo, parts: tuple[str, ...], figure: str
) -> LeadSelection:
    is_calendar = filters.view == "calendar" and figure not in BY_SUBMIT
    every_day = figure in ("untouched_mql", "untouched_value")
    return LeadSelection(filters.scope, days.first, days.last, zone, parts, is_calendar, every_day)


def _sum_of_spend(rows: tuple[Mapping[str, Any], ...]) -> dict[str, int] | None:
    if not rows:
        return None
    names = ("converted_micros", "unconverted", "impressions", "clicks", "invalid_clicks", "searched_impressions")
    return {name: sum(row[name] for row in rows) for name in names}


def _sum_of_traffic(rows: tuple[Mapping[str, Any], ...]) -> dict[str, int] | None:
    return {name: sum(row[name] for row in rows) for name in TRAFFIC_INPUTS} if rows else None
