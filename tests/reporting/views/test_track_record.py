"""What was predicted about past cohorts, and what came."""

from __future__ import annotations

from datetime import date

from reporting.views.cohorts import CohortHistory
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.report_filters import ReportFilters
from reporting.views.track_record import MOST_CHANNELS, MOST_ROWS, track_record
from store.report_queries import LEAD_SUMS

MAKE = FigureMaker(ReportFilters(), "EUR", PageReader())
TODAY = date(2026, 11, 28)


def cell(said: int, came: int) -> dict[str, int]:
    values = {"leads": 10, "scored": 10, "won": 2, "submit_win_ppm": 3_000_000}
    amounts = {"submit_value_micros": said * 1_000_000, "submit_revenue_micros": came * 1_000_000}
    return {**dict.fromkeys(LEAD_SUMS, 0), **values, **amounts}


def test_channels_with_complete_months_stand_first_then_months() -> None:
    cells = {
        (date(2026, 7, 1), "Email"): cell(70, 60),
        (date(2026, 8, 1), "Email"): cell(100, 120),
        (date(2026, 8, 1), "Offline"): cell(300, 10),
        (date(2026, 10, 1), "Offline"): cell(50, 0),
        (date(2026, 10, 1), "Email"): cell(30, 40),
        (date(2026, 9, 1), "Email"): cell(0, 40),  # nothing was predicted
        (date(2026, 11, 1), "Email"): cell(30, 40),  # 27 days old
    }
    rows = track_record(CohortHistory(cells, TODAY, 60), MAKE, 0.3)
    assert [
        (row.cohort.month, row.until and row.until.month, row.channel, row.said, row.came, row.complete) for row in rows
    ] == [
        (8, None, "Offline", 300.0, 10.0, True),
        (7, 8, "Email", 170.0, 180.0, True),
        (10, None, None, 80.0, 40.0, False),
        (8, None, None, 400.0, 130.0, True),
        (7, None, None, 70.0, 60.0, True),
    ]
    for row in rows:
        assert row.low is not None
        assert row.high is not None
        assert 0.0 <= row.low < row.said < row.high


def test_a_single_channel_has_rows_by_month_alone() -> None:
    cells = {(date(year, month, 1), "Email"): cell(9, 9) for year in (2023, 2024, 2025) for month in range(1, 13)}
    rows = track_record(CohortHistory(cells, TODAY, 60), MAKE, 0.3)
    assert len(rows) == MOST_ROWS
    assert rows[-1].cohort == date(2025, 13 - MOST_ROWS, 1)
    assert {row.channel for row in rows} == {"Email"}


def test_months_have_room_beside_many_channels() -> None:
    months = [date(2025, month, 1) for month in range(1, 13)]
    cells = {(month, f"Channel {number}"): cell(9 + number, 9) for month in months for number in range(12)}
    rows = track_record(CohortHistory(cells, TODAY, 60), MAKE, 0.3)
    assert len(rows) == MOST_ROWS
    largest = [f"Channel {number}" for number in range(11, 11 - MOST_CHANNELS, -1)]
    assert [row.channel for row in rows[:MOST_CHANNELS]] == largest


def test_none_without_money_or_leads() -> None:
    history = CohortHistory({(date(2026, 8, 1), "Email"): cell(100, 120)}, TODAY, 60)
    assert track_record(history, FigureMaker(ReportFilters(), "EUR", PageReader(money=False)), 0.3) == ()
    assert track_record(CohortHistory({}, TODAY, 60), MAKE, 0.3) == ()
