"""Rows of leading and lagging indicators, in the order of the settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from leadworth.errors import ConfigurationError
from reporting.metrics.metric import Kind
from reporting.metrics.registry import METRICS
from reporting.page.page_model import Figure, GoalProgress, LadderRow, Message, Quantity, Unit
from reporting.statistics.share_interval import share_interval
from reporting.views.figure_texts import FigureMaker
from reporting.views.further_inputs import FurtherInputs
from reporting.views.metric_inputs import ScopeSums, compute
from reporting.views.page_sums import PageSums, known

FORM_FILLS = frozenset({"leads", "raw_cpl", "traffic_to_lead", "visits_per_lead", "leads_per_quarter"})
MOST_FIGURES = 24
OTHER_FIGURES = 16
"""Figures of the other blocks of the default page: 3 alarms, 4 of money, 6 channels, 3 of cohorts and hand-over."""
LAGGING = (Kind.LAGGING, Kind.BOTH)


def check_ladder(names: Sequence[str]) -> None:
    """Refuse rows that would hide the revenue or the quality of leads.

    Raises
    ------
    ConfigurationError
        Rows with leading metrics only, form fills without a metric of quality, an unknown metric, or too many rows.

    Examples
    --------
    >>> check_ladder(["leads", "revenue"])
    """
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        raise ConfigurationError(
            f"[report] ladder names {', '.join(unknown)}", allowed=", ".join(sorted(METRICS)), do="correct the name"
        )
    if len(set(names)) < len(names):
        raise ConfigurationError("[report] ladder names a metric twice", do="remove one of them")
    metrics = [METRICS[name] for name in names]
    if metrics and not any(metric.kind in LAGGING for metric in metrics):
        raise ConfigurationError(
            "[report] ladder has leading metrics only", do="add one of revenue, wins, cac or return_on_marketing"
        )
    if FORM_FILLS & set(names) and not any(metric.is_quality for metric in metrics):
        raise ConfigurationError(
            "[report] ladder counts form fills without a metric of their quality", do="add genuine_leads or mql_to_sql"
        )
    if len(names) + OTHER_FIGURES > MOST_FIGURES:
        raise ConfigurationError(
            f"[report] ladder has {len(names)} metrics",
            allowed=f"{MOST_FIGURES - OTHER_FIGURES}, so that the page has at most {MOST_FIGURES} figures",
            do="remove some of them",
        )


def ladder_rows(
    sums: PageSums, make: FigureMaker, goals: Mapping[str, GoalProgress], further: FurtherInputs
) -> tuple[LadderRow, ...]:
    """Return the rows that the reader may see.

    Parameters
    ----------
    sums
        Sums of the page and of its weeks.
    make
        Maker of figures.
    goals
        Metric -> its goal.
    further
        Inputs that `sums` has beside the sums of the rollups, with their bounds.
    """
    rows = []
    for name in sums.settings.report.ladder:
        metric = METRICS[name]
        if not make.reader.sees(metric):
            continue
        figure = replace(_figure(name, make, sums, further), goal=goals.get(name))
        points = tuple(compute(metric, _weekly(known(week, sums), metric.inputs)) for week in sums.weeks.values())
        owner = figure.goal.owner if figure.goal is not None else None
        rows.append(LadderRow(figure, metric.kind.value, points, _is_partial(sums), owner))
    return tuple(rows)


def _figure(name: str, make: FigureMaker, sums: PageSums, further: FurtherInputs) -> Figure:
    total = known(sums.total, sums)
    is_young = _is_young(METRICS[name].inputs, sums)
    figure = make.of(name, total, None if is_young else sums.before)
    if figure.quantity is None:
        return figure
    if is_young and "revenue" in METRICS[name].inputs:
        return replace(figure, note=Message("seen so far: deals of these leads are still open"))
    if name == "impression_share" and further.has_bounds:
        return replace(figure, note=Message("at most: some days say only that the share is below 10%"))
    if name == "organic_traffic_value" and further.priced_share is not None:
        values = {"share": Quantity(further.priced_share, Unit.SHARE)}
        return replace(figure, note=Message("estimate; {share} of the clicks at a price of our own", values))
    if name == "mql_to_sql":
        low, high = share_interval(int(total.further["mature_sql"]), int(total.further["mature_mql"]))
        return replace(figure, low=low, high=high)
    return figure


def _is_young(inputs: Collection[str], sums: PageSums) -> bool:
    """Return whether leads of the period can still be won, so that outcomes seen so far compare with no older ones."""
    if sums.filters.view == "calendar" or not set(inputs) & {"won", "revenue", "cost", "lost"}:
        return False
    if {"predicted_wins", "predicted_value"} & set(inputs):
        return False
    return (sums.today - sums.days.last).days < sums.settings.horizon_days


def _weekly(week: ScopeSums, inputs: Collection[str]) -> dict[str, float]:
    """Return the inputs of a week; leads of a week count in all rates of it, mature or not."""
    weekly = dict(week.inputs)
    if "mature_mql" in inputs:
        weekly |= {"mature_mql": weekly["mql"], "mature_sql": weekly["sql"]}
    return weekly


def _is_partial(sums: PageSums) -> bool:
    monday: date = max(sums.weeks, default=sums.today)
    return sums.days.last < monday + timedelta(days=6) or sums.days.last >= sums.today
