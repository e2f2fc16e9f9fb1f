"""Figures of a day are kept once, and shown as they were."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete

from reporting.views.page_snapshots import keep_figures
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store.engine import open_engine
from store.migrate import upgrade
from store.report_schema import lead_days, lead_months
from tests.reporting.make_facts import NOW, insert_facts, random_facts
from tests.reporting.views.test_report_page import settings_of


def test_what_was_said_stays_when_the_facts_change(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    settings = settings_of(tmp_path)
    with engine.begin() as connection:
        insert_facts(connection, random_facts(3, leads=300, days=100))
        said = build_page(connection, settings, ReportFilters(), money=True, now=NOW)
        assert keep_figures(connection, settings, NOW) > 5
        connection.execute(delete(lead_days))
        connection.execute(delete(lead_months))
        assert keep_figures(connection, settings, NOW) == 0
        shown = build_page(connection, settings, ReportFilters(as_of=NOW.date()), money=True, now=NOW)
    engine.dispose()
    then = {row.figure.metric: row.figure.quantity for row in said.ladder if row.figure.quantity is not None}
    now = {row.figure.metric: row.figure.quantity for row in shown.ladder if row.figure.quantity is not None}
    assert then == now
    channels = {row.name: row.figure for row in said.channels.rows if isinstance(row.name, str)}
    kept = {row.name: row.figure for row in shown.channels.rows}
    assert len(kept) == len(channels) > 1
    for name, figure in channels.items():
        assert (kept[name].quantity, kept[name].low, kept[name].high) == (figure.quantity, figure.low, figure.high)
