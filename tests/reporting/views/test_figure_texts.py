"""Figures with units, changes and links, as the reader may see them."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS
from reporting.page.page_model import Message, Quantity, Unit
from reporting.views.figure_texts import FigureMaker, PageReader, has_rows, money_columns, relative_change
from reporting.views.metric_inputs import ScopeSums
from reporting.views.report_filters import ReportFilters

FILTERS = ReportFilters(period="2026")
SPEND = {"converted_micros": 90_000_000, "impressions": 0, "clicks": 0, "searched_impressions": 0}


def test_a_figure_has_its_unit_and_change() -> None:
    make = FigureMaker(FILTERS, "EUR", PageReader())
    now, before = ScopeSums({"leads": 30}, SPEND), ScopeSums({"leads": 45}, SPEND)
    figure = make.of("raw_cpl", now, before)
    assert figure.quantity == Quantity(3.0, Unit.MONEY, "EUR")
    assert figure.change == pytest.approx(0.5)  # 3 against 2
    assert figure.href == "report/leads?period=2026&figure=raw_cpl"
    assert make.of("raw_cpl", now, ScopeSums()).change is None


def test_a_figure_without_a_denominator_says_why() -> None:
    make = FigureMaker(FILTERS, "EUR", PageReader(leads=False))
    figure = make.of("raw_cpl", ScopeSums({}, SPEND))
    assert (figure.quantity, figure.href, figure.unit) == (None, None, Unit.MONEY)
    assert figure.note == Message("not enough data")
    assert make.of("raw_cpl", ScopeSums()).note == Message("no spend for this period")
    assert make.of("raw_cpl", ScopeSums(), note=Message("stale")).note == Message("stale")


@pytest.mark.parametrize(("now", "before", "expected"), [(1.0, None, None), (1.0, 0.0, None), (-1.0, -2.0, 0.5)])
def test_the_change_is_a_share_of_the_size_before(now: float, before: float | None, expected: float | None) -> None:
    assert relative_change(now, before) == expected


def test_readers_see_neither_money_nor_costs_without_the_right() -> None:
    columns = {"cac": Quantity(1.0, Unit.MONEY), "revenue": Quantity(2.0, Unit.MONEY), "leads": Quantity(3), "x": None}
    assert list(money_columns(columns, PageReader())) == ["cac", "revenue", "leads", "x"]
    assert list(money_columns(columns, PageReader(costs=False))) == ["revenue", "leads", "x"]
    assert list(money_columns(columns, PageReader(money=False, costs=False))) == ["leads", "x"]
    assert not PageReader(money=False).sees(METRICS["revenue"])
    assert not PageReader(costs=False).sees(METRICS["raw_cpl"])
    assert PageReader(money=False, costs=False).sees(METRICS["genuine_leads"])


def test_links_and_rows_behind_figures() -> None:
    assert FigureMaker(FILTERS, "EUR", PageReader(is_shared=True)).page_href(period="2025") is None
    assert FigureMaker(FILTERS, "EUR", PageReader()).page_href(period="2025") == "report?period=2025"
    assert has_rows(METRICS["pipeline"])
    assert has_rows(METRICS["raw_cpl"])
