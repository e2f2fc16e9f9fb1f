"""Wins whose amount is not known: they are in no revenue, and the page says how many they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reporting.page.page_model import Figure, Message, Quantity
from store import drill_down
from store.drill_down import LeadSelection

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from reporting.views.figure_texts import FigureMaker
    from reporting.views.report_filters import ReportFilters
    from reporting.views.report_period import DayRange

FIGURE = "wins_without_amount"
PART = "unpriced"


def count_unpriced(connection: Connection, filters: ReportFilters, days: DayRange, zone: ZoneInfo) -> int:
    """Return the wins without an amount of a range of days, in the view of the filters."""
    is_calendar = filters.view == "calendar"
    return drill_down.unpriced_wins(
        connection, LeadSelection(filters.scope, days.first, days.last, zone, (PART,), is_calendar)
    )


def with_unpriced(figure: Figure, count: int, make: FigureMaker, filters: ReportFilters | None = None) -> Figure:
    """Return a revenue with the number of wins that it lacks, linked to them; unchanged without any.

    Parameters
    ----------
    figure
        Revenue.
    count
        Wins without an amount.
    make
        Maker of figures.
    filters
        State of the page with the same leads; None: as it is.
    """
    if not count:
        return figure
    text = Message("without {count} {count|win|wins} whose amount is not known", {"count": Quantity(count)})
    return replace(figure, note=text, note_href=make.href(FIGURE, filters))
