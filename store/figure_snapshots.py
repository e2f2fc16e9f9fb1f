"""Figures of the report as they were on a day: added once, never computed again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from store.insert_ignore import insert_ignore
from store.report_schema import figure_snapshots

if TYPE_CHECKING:
    from sqlalchemy import Connection

_table = figure_snapshots.c


@dataclass(frozen=True)
class FigureSnapshot:
    """A figure of a day.

    Attributes
    ----------
    figure
        Name of the metric.
    scope
        Filters in the form of a query string; empty: all.
    value, low, high
        Figure and its interval; None where it had none.
    formula_version
        Version of the formula.
    currency
        Of an amount of money; empty otherwise.
    """

    figure: str
    scope: str
    value: float | None
    low: float | None = None
    high: float | None = None
    formula_version: int = 1
    currency: str = ""


def store_snapshots(connection: Connection, day: date, figures: Iterable[FigureSnapshot]) -> int:
    """Store the figures of a day; those that the day has already stay as they were. Return how many were added."""
    rows = [{"as_of": day.isoformat(), **asdict(figure)} for figure in figures]
    if not rows:
        return 0
    before = _count(connection, day)
    connection.execute(insert_ignore(connection, figure_snapshots), rows)
    return _count(connection, day) - before


def history_of(connection: Connection, figure: str, scope: str = "") -> list[tuple[date, FigureSnapshot]]:
    """Return a figure of all days, oldest first."""
    columns = [_table[name] for name in FigureSnapshot.__dataclass_fields__]
    query = select(_table.as_of, *columns).where(_table.figure == figure, _table.scope == scope).order_by(_table.as_of)
    return [(date.fromisoformat(as_of), FigureSnapshot(*row)) for as_of, *row in connection.execute(query)]


def _count(connection: Connection, day: date) -> int:
    query = select(func.count()).select_from(figure_snapshots).where(_table.as_of == day.isoformat())
    return int(connection.execute(query).scalar_one())
