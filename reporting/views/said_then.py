"""The page as it was shown on a past day: figures of its snapshot, which is never computed again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leadworth.errors import InputError
from reporting.page.page_model import Card, ChannelBlock, ChannelRow, Figure, Level, Message, Notice, ReportPage
from reporting.views.figure_texts import FigureMaker
from reporting.views.report_filters import ReportFilters
from store.shown_figures import ShownFigure, shown_figures, snapshot_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

SHOWN_DAYS = 5


class NoSnapshotError(InputError):
    """No figures were kept for a day and filters."""


def as_said(connection: Connection, page: ReportPage, filters: ReportFilters, make: FigureMaker) -> ReportPage:
    """Return the page with the figures of a snapshot; blocks that no snapshot has are left out.

    Raises
    ------
    NoSnapshotError
        If there is none for the day and the filters.
    """
    assert filters.as_of is not None
    scope = filters.with_(as_of=None, lang=None, money="on").query
    shown = shown_figures(connection, filters.as_of, scope)
    if not shown:
        days = snapshot_days(connection, scope)[:SHOWN_DAYS]
        allowed = ", ".join(day.isoformat() for day in days) or "none: snapshots are kept of the page without filters"
        raise NoSnapshotError("as_of is a day without a snapshot of this page", allowed=allowed)
    text = Message("Figures as they were shown on {day}.", {"day": filters.as_of})
    currencies = (figure.currency for figure in shown.values() if figure.currency)
    make = replace(make, currency=next(currencies, make.currency))
    return replace(
        page,
        currency=make.currency,
        notices=(Notice(Level.INFO, text),),
        alarms=(),
        cards=tuple(
            replace(
                card, figure=_then(card.figure, shown, make, snapshot_name(card)), lines=(), seen=None, predicted=None
            )
            for card in page.cards
        ),
        channels=_channels(connection, page, filters.as_of, make),
        ladder=tuple(replace(row, figure=_then(row.figure, shown, make), points=()) for row in page.ladder),
        cohorts=None,
        hand_over=None,
        revenue_change=None,
        goals=None,
        track_record=(),
        attribution=(),
        reconciliation=(),
    )


def channel_scope(row: ChannelRow) -> str:
    """Return the filters under which the figure of a channel is kept."""
    return ReportFilters(channel=(str(row.name),)).query


def _channels(connection: Connection, page: ReportPage, day: date, make: FigureMaker) -> ChannelBlock:
    """Return the channels with the figure that each had; those without one on the day are left out."""
    rows = []
    for row in page.channels.rows:
        shown = shown_figures(connection, day, channel_scope(row)) if isinstance(row.name, str) else {}
        if row.figure.metric in shown:
            figure = _then(row.figure, shown, make)
            rows.append(ChannelRow(row.name, figure, 0.0, 0.0, unknown=0, verdict=None, href=row.href))
    rows.sort(key=lambda row: -(row.figure.quantity.value if row.figure.quantity is not None else 0.0))
    return ChannelBlock(tuple(rows))


def snapshot_name(card: Card) -> str:
    """Return the name under which the figure of a card is kept: revenue that is partly predicted has its own."""
    return card.figure.metric if card.seen is None else f"{card.figure.metric}_and_predicted"


def _then(figure: Figure, shown: Mapping[str, ShownFigure], make: FigureMaker, name: str = "") -> Figure:
    then = shown.get(name or figure.metric)
    unit = figure.unit or (figure.quantity.unit if figure.quantity is not None else None)
    if then is None or unit is None:
        return replace(figure, quantity=None, low=None, high=None, change=None, goal=None, href=None, note=None)
    quantity = None if then.value is None else make.plain(then.value, unit)
    return replace(
        figure,
        quantity=quantity,
        low=then.low,
        high=then.high,
        currency=None if figure.currency is None else make.currency,
        change=None,
        goal=None,
        href=None,
        note=None,
    )
