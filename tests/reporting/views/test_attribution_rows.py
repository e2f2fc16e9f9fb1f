"""Revenue by attribution models: hand-computed credit, and rows that add up to the revenue."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.statistics.attribution_models import AttributionModel
from reporting.views.attribution_rows import attribution_rows, credit
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.page_sums import read_sums
from reporting.views.report_filters import ReportFilters
from store.engine import open_engine
from store.migrate import upgrade
from store.touch_queries import LeadPath
from tests.reporting.make_facts import NOW, insert_facts, random_facts
from tests.reporting.views.test_report_page import settings_of

T1, T2, T3 = (f"2026-10-{day:02}T09:00:00+00:00" for day in (1, 8, 15))
TWO = LeadPath("a", "Email", T1, T2, T3, 300, ((T1, "Email"), (T3, "Display")))
ONE = LeadPath("b", "Display", T1, None, T3, 100, ((T1, "Display"),))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {"Email": 300, "Display": 100}),
        ("last", {"Email": 0, "Display": 400}),
        ("linear", {"Email": 150, "Display": 250}),
        ("decay", {"Email": 60, "Display": 340}),  # 14 days are two half-lives: 1 to 4
        ("w", {"Email": 270, "Display": 130}),  # first, lead and opportunity: 90 to 10
    ],
)
def test_credit_of_two_deals(model: str, expected: dict[str, int]) -> None:
    assert credit(AttributionModel(model), [TWO, ONE]) == expected
    assert credit(AttributionModel(model), []) == {}


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
