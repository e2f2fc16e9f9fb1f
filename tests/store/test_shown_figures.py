"""Figures as they were shown on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert

from store.report_schema import figure_snapshots
from store.shown_figures import ShownFigure, shown_figures, snapshot_days


def snapshot(day: str, figure: str, scope: str = "", **values: float) -> dict[str, Any]:
    given = {"value": None, "low": None, "high": None, "formula_version": 1, **values}
    return {"as_of": day, "figure": figure, "scope": scope, **given}


def test_figures_of_a_day_and_a_scope(connection: Connection) -> None:
    rows = [
        snapshot("2026-10-01", "leads", value=12.0),
        snapshot("2026-10-01", "cac", value=0.5, low=0.25, high=0.75),
        snapshot("2026-10-01", "roas"),
        snapshot("2026-10-01", "leads", "channel=Email", value=3.0),
        snapshot("2026-10-03", "leads", value=14.0),
    ]
    connection.execute(insert(figure_snapshots), rows)
    assert shown_figures(connection, date(2026, 10, 1), "") == {
        "leads": ShownFigure(12.0, None, None),
        "cac": ShownFigure(0.5, 0.25, 0.75),
        "roas": ShownFigure(None, None, None),
    }
    assert shown_figures(connection, date(2026, 10, 1), "channel=Email") == {"leads": ShownFigure(3.0, None, None)}
    assert shown_figures(connection, date(2026, 10, 2), "") == {}
    assert snapshot_days(connection, "") == [date(2026, 10, 3), date(2026, 10, 1)]
    assert snapshot_days(connection, "channel=Direct") == []
