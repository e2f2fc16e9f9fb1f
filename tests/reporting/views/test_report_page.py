"""The whole page from the store: figures, states, budget, links, and no amount without the scope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from leadworth.settings import Settings
from reporting.page.html_page import render_html
from reporting.page.page_model import ReportPage
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page
from store.engine import open_engine
from store.migrate import upgrade
from tests.reporting.make_facts import NOW, MadeFacts, insert_facts, random_facts


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def made(connection: Connection) -> MadeFacts:
    made = random_facts(3, leads=800, days=150)
    insert_facts(connection, made)
    connection.commit()
    return made


def settings_of(folder: Path, **report: object) -> Settings:
    return Settings(currency="EUR", timezone="Europe/Rome", leads={}, report=report, folder=folder)


def page_of(connection: Connection, tmp_path: Path, query: ReportFilters | None = None, **rest: object) -> ReportPage:
    rest = {"money": True, "now": NOW, **rest}
    return build_page(connection, settings_of(tmp_path), query or ReportFilters(), **rest)


def test_the_page_has_all_blocks(connection: Connection, made: MadeFacts, tmp_path: Path) -> None:
    page = page_of(connection, tmp_path)
    html = render_html(page)
    assert len(page.cards) == 4
    assert page.cohorts is not None
    assert page.hand_over is not None
    assert page.revenue_change is not None
    assert len(page.attribution) >= 4
    assert 10 < html.count("data-figure=") < 25
    days = [row for row in made.leads if "2026-08-31" <= row["day"] <= "2026-11-28"]
    [genuine] = [row.figure for row in page.ladder if row.figure.metric == "genuine_leads"]
    assert genuine.quantity is not None
    assert genuine.quantity.value == sum(1e6 - row["junk_ppm"] for row in days if row["junk_ppm"] is not None) / 1e6
