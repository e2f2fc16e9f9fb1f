"""Figures of a day are kept once, and shown as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from reporting.page.page_model import ReportPage
from reporting.views import page_snapshots
from reporting.views.page_snapshots import keep_figures
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store import decision_log
from store.engine import open_engine
from store.migrate import upgrade
from store.report_schema import lead_days, lead_months
from tests.reporting.make_facts import NOW, insert_facts, random_facts
from tests.reporting.views.test_report_page import settings_of
from tests.store.rows import decision_row


def test_what_was_said_stays_when_the_facts_change(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    settings = settings_of(tmp_path)
    with engine.begin() as connection:
        insert_facts(connection, random_facts(3, leads=300, days=100))
        said = build_page(connection, settings, ReportFilters(), money=True, now=NOW)
    assert keep_figures(engine, settings, NOW) > 5
    with engine.begin() as connection:
        connection.execute(delete(lead_days))
        connection.execute(delete(lead_months))
    assert keep_figures(engine, settings, NOW) == 0
    with engine.connect() as connection:
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


def test_a_service_may_write_while_the_page_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        insert_facts(connection, random_facts(3, leads=300, days=100))

    def made_while_another_writes(*arguments: Any, **options: Any) -> ReportPage:
        page = build_page(*arguments, **options)
        with engine.begin() as other:
            decision_log.insert(other, [decision_row("A")])
        return page

    monkeypatch.setattr(page_snapshots, "build_page", made_while_another_writes)
    assert keep_figures(engine, settings_of(tmp_path), NOW) > 5
    engine.dispose()
