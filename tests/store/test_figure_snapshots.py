from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from store.figure_snapshots import FigureSnapshot, history_of, store_snapshots

DAY = date(2026, 11, 20)
CAC = FigureSnapshot("cac", "", 1_500.0, 1_200.0, 1_900.0, 2)


def test_what_was_said_stays_as_it_was_said(connection: Connection) -> None:
    assert store_snapshots(connection, DAY, [CAC, FigureSnapshot("leads", "channel=Direct", None)]) == 2
    assert store_snapshots(connection, DAY, [FigureSnapshot("cac", "", 9.0), FigureSnapshot("wins", "", 3.0)]) == 1
    assert history_of(connection, "cac") == [(DAY, CAC)]
    assert [len(history_of(connection, name)) for name in ("wins", "leads")] == [1, 0]
    assert len(history_of(connection, "leads", "channel=Direct")) == 1
    assert store_snapshots(connection, DAY, []) == 0


def test_a_figure_of_all_days(connection: Connection) -> None:
    for day, value in ((21, 2.0), (20, 1.0)):
        store_snapshots(connection, date(2026, 11, day), [FigureSnapshot("wins", "", value)])
    assert [(at.day, row.value) for at, row in history_of(connection, "wins")] == [(20, 1.0), (21, 2.0)]
    assert history_of(connection, "wins", "channel=Direct") == []
