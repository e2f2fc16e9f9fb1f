"""Cohorts by month: completeness, bars, and no block without money or outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from reporting.views.cohorts import SHOWN_MONTHS, CohortHistory, cohort_block
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.report_filters import ReportFilters
from store.report_queries import LEAD_SUMS
from tests.reporting.views.test_page_sums import TODAY, made_sums

MAKE = FigureMaker(ReportFilters(), "EUR", PageReader())
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def month(**values: int) -> dict[str, int]:
    return {**dict.fromkeys(LEAD_SUMS, 0), **values}


HISTORY = CohortHistory(
    {
        (NOVEMBER, "Email"): month(leads=5, scored=4, open_scored=4, open_value_micros=30_000_000),
        (OCTOBER, "Email"): month(leads=10, scored=10, won=1, revenue_micros=20_000_000),
        (OCTOBER, "Display"): month(leads=2, scored=1, won=1, revenue_micros=5_000_000),
    },
    TODAY,
    horizon_days=27,
)


def test_months_add_up_the_channels_oldest_first() -> None:
    assert [(start, sums["leads"]) for start, sums in HISTORY.months.items()] == [(OCTOBER, 12), (NOVEMBER, 5)]
    assert HISTORY.complete["won"] == 2


def test_a_month_is_complete_when_its_last_lead_is_as_old_as_the_horizon() -> None:
    assert HISTORY.is_complete(OCTOBER)  # 1 November was 27 days ago
    assert not replace(HISTORY, horizon_days=28).is_complete(OCTOBER)
    assert not HISTORY.is_complete(NOVEMBER)


def test_bars_have_seen_predicted_and_unknown(tmp_path: Path) -> None:
    block = cohort_block(HISTORY, made_sums(tmp_path), MAKE, 0.3)
    assert block is not None
    assert [(bar.start, bar.seen, bar.predicted, bar.unknown, bar.partial) for bar in block.bars] == [
        (OCTOBER, 25.0, 0.0, 1, False),
        (NOVEMBER, 0.0, 30.0, 1, True),
    ]
    assert block.figure.quantity == MAKE.money(55.0)
    href = "report/leads?period=2026-10-01..2026-11-30&figure=revenue_and_predicted"
    assert block.figure.href == href
    assert block.notices == ()
    calendar = cohort_block(HISTORY, made_sums(tmp_path, filters=ReportFilters(view="calendar")), MAKE, 0.3)
    assert calendar is not None
    assert len(calendar.notices) == 1


def test_at_most_twelve_months_are_shown(tmp_path: Path) -> None:
    cells = {(date(2025, number, 1), "Email"): month(leads=1, won=1) for number in range(1, 13)}
    block = cohort_block(replace(HISTORY, cells={**cells, **HISTORY.cells}), made_sums(tmp_path), MAKE, 0.3)
    assert block is not None
    assert len(block.bars) == SHOWN_MONTHS
    assert block.bars[0].start == date(2025, 3, 1)


def test_no_block_without_money_leads_or_outcomes(tmp_path: Path) -> None:
    sums = made_sums(tmp_path)
    assert cohort_block(HISTORY, sums, FigureMaker(ReportFilters(), "EUR", PageReader(money=False)), 0.3) is None
    assert cohort_block(replace(HISTORY, cells={}), sums, MAKE, 0.3) is None
    only_leads = replace(HISTORY, cells={(OCTOBER, "Email"): month(leads=3)})
    assert cohort_block(only_leads, sums, MAKE, 0.3) is None
    seen = HISTORY.without_predictions().months[NOVEMBER]
    assert (seen["leads"], seen["open_value_micros"]) == (5, 0)
