"""A source that has stopped delivering ends the period with its last day, so that all figures are of the same days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from reporting.metrics.registry import METRICS
from reporting.page.page_model import Figure, Level, Message, Notice, ReportPage
from reporting.views.metric_inputs import SPEND_INPUTS, TRAFFIC_INPUTS
from reporting.views.page_states import RHYTHM_DAYS, SOURCES

if TYPE_CHECKING:
    from reporting.views.report_period import DayRange

INPUTS: Mapping[str, frozenset[str]] = {
    "spend": frozenset(SPEND_INPUTS) | {"matched_spend", "eligible_impressions"},
    "traffic": frozenset(TRAFFIC_INPUTS),
}
"""Kind of an import -> the inputs of metrics that it brings."""


@dataclass(frozen=True)
class SourceEnd:
    """A stale source whose data end within a period.

    Attributes
    ----------
    kind
        `spend` or `traffic`.
    """

    source: str
    kind: str
    day: date


def source_end(imports: Iterable[Mapping[str, Any]], days: DayRange, today: date) -> SourceEnd | None:
    """Return the stale source that ends first within a period; None where all reach its end.

    A source whose data end before the period has nothing to do with it, and a file of the user's own has no rhythm.
    """
    ends = [
        SourceEnd(SOURCES[row["platform"]], row["kind"], date.fromisoformat(row["last_day"]))
        for row in imports
        if row["kind"] in INPUTS and row["platform"] in SOURCES
    ]
    stale = [end for end in ends if (today - end.day).days > 2 * RHYTHM_DAYS and days.first <= end.day < days.last]
    return min(stale, key=lambda end: end.day, default=None)


def with_end(page: ReportPage, end: SourceEnd | None) -> ReportPage:
    """Return a page that says where its period was cut, and at each figure of the source by which one."""
    if end is None:
        return page
    values: dict[str, date | str] = {"day": end.day, "source": end.source}
    notice = Notice(Level.WARNING, Message("The period ends on {day}: {source} has no later days.", values))
    note = Message("{source} until {day}", values)
    return replace(
        page,
        notices=(notice, *page.notices),
        cards=tuple(replace(card, figure=_noted(card.figure, end, note)) for card in page.cards),
        ladder=tuple(replace(row, figure=_noted(row.figure, end, note)) for row in page.ladder),
    )


def _noted(figure: Figure, end: SourceEnd, note: Message) -> Figure:
    is_of_source = figure.metric in METRICS and INPUTS[end.kind] & set(METRICS[figure.metric].inputs)
    return replace(figure, note=note) if is_of_source and figure.note is None else figure
