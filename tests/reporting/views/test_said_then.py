"""The page of a past day has the figures of its snapshot alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from reporting.page.page_model import Card, Figure, LadderRow, Message, Quantity, Unit
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.page_snapshots import keep_figures
from reporting.views.report_filters import ReportFilters
from reporting.views.report_page import build_page, figures_of
from reporting.views.said_then import NoSnapshotError, as_said, snapshot_name
from store.engine import open_engine
from store.migrate import upgrade
from store.shown_figures import shown_figures
from tests.reporting.make_facts import NOW, insert_facts, random_facts
from tests.reporting.views.test_block_tables import EMPTY
from tests.reporting.views.test_report_page import settings_of

MAKE = FigureMaker(ReportFilters(), "EUR", PageReader())
REVENUE = Figure("revenue", Message("Revenue"), Quantity(1.0, Unit.MONEY, "EUR"), change=0.5, href="x")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_day_without_a_snapshot_is_refused(connection: Connection) -> None:
    with pytest.raises(NoSnapshotError, match="a day without a snapshot"):
        as_said(connection, EMPTY, ReportFilters(as_of=NOW.date()), MAKE)


def test_figures_are_those_of_the_day(connection: Connection, tmp_path: Path) -> None:
    insert_facts(connection, random_facts(3, leads=300, days=100))
    connection.commit()
    keep_figures(connection.engine, settings_of(tmp_path), NOW)
    shown = shown_figures(connection, NOW.date(), "")
    name = next(name for name, figure in shown.items() if figure.value is not None)
    figures = (replace(REVENUE, metric=name), replace(REVENUE, metric="unheard_of"))
    rows = tuple(LadderRow(figure, "lagging", (1.0, 2.0), partial=False, owner=None) for figure in figures)
    page = as_said(connection, replace(EMPTY, ladder=rows), ReportFilters(as_of=NOW.date()), MAKE)
    kept, unknown = (row.figure for row in page.ladder)
    assert kept.quantity == Quantity(shown[name].value or 0.0, Unit.MONEY, "EUR")
    assert (kept.change, kept.href, unknown.quantity) == (None, None, None)
    assert page.ladder[0].points == ()
    assert [notice.message.values["day"] for notice in page.notices] == [date(2026, 11, 28)]
    with pytest.raises(NoSnapshotError):
        as_said(connection, EMPTY, ReportFilters(as_of=NOW.date(), country=("IT",)), MAKE)


def test_amounts_keep_the_currency_of_the_day(connection: Connection, tmp_path: Path) -> None:
    insert_facts(connection, random_facts(3, leads=300, days=100))
    connection.commit()
    keep_figures(connection.engine, settings_of(tmp_path), NOW)
    settings = settings_of(tmp_path).model_copy(update={"currency": "CHF"})
    then = build_page(connection, settings, ReportFilters(as_of=NOW.date()), money=True, now=NOW)
    shown = [figure.quantity for figure in figures_of(then) if figure.quantity and figure.quantity.unit is Unit.MONEY]
    assert {quantity.currency for quantity in shown} == {then.currency} == {"EUR"}
    assert build_page(connection, settings, ReportFilters(), money=True, now=NOW).currency == "CHF"


def test_revenue_that_is_partly_predicted_has_its_own_name() -> None:
    assert snapshot_name(Card(REVENUE)) == "revenue"
    assert snapshot_name(Card(REVENUE, seen=REVENUE.quantity)) == "revenue_and_predicted"
