"""Revenue by attribution models: rows that add up to the revenue."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.views.attribution_rows import attribution_rows
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.page_sums import read_sums
from reporting.views.report_filters import ReportFilters
from store.engine import open_engine
from store.migrate import upgrade
from tests.reporting.make_facts import NOW, insert_facts, random_facts
from tests.reporting.views.test_report_page import settings_of


def test_rows_add_up_to_the_revenue_and_need_money(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    settings, filters = settings_of(tmp_path), ReportFilters(model="linear")
    blind = FigureMaker(filters, "EUR", PageReader(money=False))
    with engine.connect() as connection:
        make = FigureMaker(filters, "EUR", PageReader())
        assert attribution_rows(connection, read_sums(connection, settings, filters, NOW), make) == ()
        insert_facts(connection, random_facts(3, leads=400, days=90))
        sums = read_sums(connection, settings, filters, NOW)
        rows = attribution_rows(connection, sums, make)
        assert attribution_rows(connection, sums, blind) == ()
    engine.dispose()
    for model in ("first", "last", "linear"):
        total = sum(row.amounts[model] for row in rows)
        assert total == pytest.approx(sums.total.leads["revenue_micros"] / 1e6)
    assert [row.amounts["linear"] for row in rows] == sorted((row.amounts["linear"] for row in rows), reverse=True)
