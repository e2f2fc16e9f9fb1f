"""The leads behind each figure add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from leadworth.channel_groups import CHANNELS
from reporting.views.drill_figures import UnknownFigureError, drill_down_of
from reporting.views.figure_texts import PageReader
from reporting.views.report_filters import ReportFilters, parse_filters
from reporting.views.report_page import build_page, figures_of
from store.drill_down import every_lead, lead_page, lead_totals
from store.engine import open_engine
from store.migrate import upgrade
from tests.reporting.make_facts import NOW, insert_facts, random_facts
from tests.reporting.views.test_report_page import settings_of

LADDERS = (
    ("impressions", "sessions", "genuine_leads", "mql_to_sql", "weighted_pipeline", "revenue", "cac", "ltv_cac"),
    ("clicks", "bounce_rate", "raw_cpl", "cost_per_mql", "lead_to_win", "win_rate_closed", "profit", "margin"),
    ("pipeline", "weighted_pipeline", "mql", "sql", "wins", "revenue", "junk_share", "leads"),
    ("leads", "junk_share", "visits_per_lead", "value_per_visit", "win_rate_cohort", "roi_gross_profit", "wins", "sql"),
)


@pytest.fixture
def connection(store_url: str) -> Iterator[Connection]:
    engine = open_engine(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        insert_facts(connection, random_facts(5, leads=700, days=200))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda names: names[0])
@pytest.mark.parametrize(
    "query", ["", "view=calendar", "channel=Paid+Search&channel=Email", "period=2026-Q3&campaign=google:1:01"]
)
def test_the_sum_of_the_leads_is_the_figure(
    connection: Connection, tmp_path: Path, ladder: tuple[str, ...], query: str
) -> None:
    settings = settings_of(tmp_path, ladder=ladder, monthly_revenue=500, monthly_churn=0.02)
    page = build_page(connection, settings, parse_filters(query, CHANNELS), money=True, now=NOW)
    compared = set()
    for figure in figures_of(page):
        assert figure.href is not None
        path, _, own = figure.href.partition("?")
        assert path == "report/leads"
        filters = parse_filters(own, CHANNELS, further=("figure",))
        name = own.rpartition("figure=")[2]
        behind = drill_down_of(connection, settings, filters, name, NOW)
        if behind.selection is not None:
            leads = list(every_lead(connection, behind.selection))
            assert len(leads) == behind.leads
            for part, total in behind.totals.items():
                assert total == sum(lead["parts"][part] for lead in leads)
        if behind.value is not None and figure.quantity is not None:
            assert figure.quantity.value == pytest.approx(behind.value, rel=1e-12), figure.metric
            compared.add(figure.metric)
    assert len(compared) >= 11
    ratios = {"response_median", "response_within_5", "velocity_mql_sql", "velocity_sql_quote", "velocity_quote_close"}
    shown = {figure.metric for figure in figures_of(page) if figure.quantity is not None}
    assert shown - compared <= ratios


@pytest.mark.parametrize("figure", ["leads", "untouched_mql"])
def test_pages_of_fifty_hold_each_lead_once(connection: Connection, tmp_path: Path, figure: str) -> None:
    behind = drill_down_of(connection, settings_of(tmp_path), ReportFilters(), figure, NOW)
    assert behind.selection is not None
    seen, after = [], None
    while page := lead_page(connection, behind.selection, after):
        assert len(page) <= 50
        seen += [lead["lead_id"] for lead in page]
        after = behind.selection.key_of(page[-1])
    assert len(seen) == len(set(seen)) == behind.leads
    assert lead_totals(connection, behind.selection)[0] == behind.leads
    assert behind.leads > 50


def test_an_unknown_figure_is_refused(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(UnknownFigureError, match="genuine_leads"):
        drill_down_of(connection, settings_of(tmp_path), ReportFilters(), "likes", NOW)


def test_no_links_without_the_right_to_see_leads(connection: Connection, tmp_path: Path) -> None:
    reader = PageReader(leads=False)
    page = build_page(connection, settings_of(tmp_path), ReportFilters(), money=True, now=NOW, reader=reader)
    assert all(figure.href is None for figure in figures_of(page))
