"""Figures as they were shown on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from store.report_schema import figure_snapshots

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class ShownFigure:
    """Value and 80 % interval of a figure on a day; None where it was withheld.

    An amount has its currency, or none where it is that of the settings.
    """

    value: float | None
    low: float | None
    high: float | None
    currency: str = ""


def shown_figures(connection: Connection, day: date, scope: str) -> dict[str, ShownFigure]:
    """Return the figures of a day by name.

    Parameters
    ----------
    connection
        Connection to the store.
    day
        Day of the snapshot.
    scope
        Filters in the form of a query string; empty: all.
    """
    table = figure_snapshots.c
    columns = (table.figure, table.value, table.low, table.high, table.currency)
    query = select(*columns).where(table.as_of == day.isoformat(), table.scope == scope)
    return {name: ShownFigure(*rest) for name, *rest in connection.execute(query)}


def snapshot_days(connection: Connection, scope: str) -> list[date]:
    """Return the days that have a snapshot of a scope, newest first."""
    table = figure_snapshots.c
    query = select(table.as_of).where(table.scope == scope).distinct().order_by(table.as_of.desc())
    return [date.fromisoformat(day) for day in connection.execute(query).scalars()]
