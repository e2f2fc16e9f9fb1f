"""Figures of the default page of a day, to be kept: what was said then is never computed again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from reporting.facts.report_days import report_zone
from reporting.metrics.registry import METRICS
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from reporting.views.said_then import channel_scope, snapshot_name
from store.figure_snapshots import FigureSnapshot, store_snapshots

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leadworth.settings import Settings
    from reporting.page.page_model import Figure


def keep_figures(engine: Engine, settings: Settings, now: datetime) -> int:
    """Store the figures of today's default page and return how many were added; those of today stay as they were.

    Parameters
    ----------
    engine
        Migrated store; it is read before the transaction that writes, so that others may write meanwhile.
    settings
        With the section `[report]`.
    now
        Timezone-aware.
    """
    with engine.connect() as connection:
        page = build_page(connection, settings, ReportFilters(), money=True, now=now)
    figures = {row.figure.metric: row.figure for row in page.ladder}
    figures |= {snapshot_name(card): card.figure for card in page.cards}
    kept = [
        _kept(name, "", figure)
        for name, figure in figures.items()
        if figure.quantity is not None and figure.metric in METRICS
    ]
    kept += [
        _kept(row.figure.metric, channel_scope(row), row.figure)
        for row in page.channels.rows
        if isinstance(row.name, str)
    ]
    with engine.begin() as connection:
        return store_snapshots(connection, now.astimezone(report_zone(settings)).date(), kept)


def _kept(name: str, scope: str, figure: Figure) -> FigureSnapshot:
    quantity = figure.quantity
    value, currency = (None, figure.currency) if quantity is None else (quantity.value, quantity.currency)
    version = METRICS[figure.metric].version
    return FigureSnapshot(name, scope, value, figure.low, figure.high, version, currency or "")
