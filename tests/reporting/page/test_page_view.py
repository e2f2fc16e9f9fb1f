"""What templates ask of a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reporting.metrics.metric import Kind
from reporting.page.page_model import CohortBar, Figure, LadderRow, Level, Message, Quantity, Unit
from reporting.page.page_view import KINDS, LEVELS, MODELS, PageView
from reporting.page.record_rows import TrackRecordRow
from tests.reporting.page.sample_pages import figure, full, money


@pytest.fixture
def view() -> PageView:
    return PageView(full(), standalone=False, base_url="")


def test_every_kind_level_and_model_has_a_name() -> None:
    assert set(KINDS) == {kind.value for kind in Kind}
    assert set(LEVELS) == set(Level)
    assert set(MODELS) == {"first", "last", "linear", "u", "w", "decay", "markov"}


def test_a_withheld_figure_is_its_range_or_a_dash(view: PageView) -> None:
    assert view.value(figure("revenue", "Revenue", None)) == "–"
    range_only = Figure("revenue", Message("Revenue"), None, low=5_000, high=40_000, unit=Unit.MONEY, currency="EUR")
    assert view.value(range_only) == "€5K to €40K"
    assert view.exact(None) == "–"


def test_cohorts_of_weeks_are_named_by_their_first_day(view: PageView) -> None:
    block = full().cohorts
    assert block is not None
    assert view.cohort_labels(block)[0] == "Jun 2026"
    weekly = replace(
        block, bars=tuple(CohortBar(date(2026, 11, day), 1.0, 1.0, 1.0, 3.0, 0, False) for day in (2, 9, 16))
    )
    assert view.cohort_labels(weekly) == ["Nov 2", "Nov 9", "Nov 16"]
    assert view.cohort_sentence(weekly).startswith("Most revenue comes from the leads of Nov 2: €2")
    empty = replace(block, bars=())
    assert view.cohort_sentence(empty) == ""


def test_weekly_values_have_the_unit_of_the_figure(view: PageView) -> None:
    row = LadderRow(figure("cac", "CAC", money(2_500)), "lagging", (1_000.0, None, 2_500.0), False, None)
    assert view.week_values(row) == ["€1K", "–", "€2.5K"]


def test_outcomes_are_named(view: PageView) -> None:
    row = TrackRecordRow(date(2026, 3, 1), "Display", 10.0, 8.0, 12.0, 11.0, True)
    assert view.outcome(row) == "as predicted"
    assert view.outcome(replace(row, came=13.0)).endswith("outside the interval")
    assert view.outcome(replace(row, complete=False)) == "not complete yet"
    assert view.outcome(replace(row, low=None)) == ""


def test_a_filter_without_a_label_shows_its_value(view: PageView) -> None:
    choice = replace(full().filters[0], selected="2025-Q1")
    shown = PageView(replace(full(), filters=(choice,)), standalone=False, base_url="").filter_values()
    assert shown == "Period: 2025-Q1"


def test_a_goal_without_a_probability(view: PageView) -> None:
    goal = full().cards[0].figure
    assert view.goal(goal) == "Goal 3.0 for 2026-Q4"
    assert view.goal(replace(goal, goal=None)) == ""


def test_progress_needs_a_goal_and_a_value(view: PageView) -> None:
    assert view.progress(figure("revenue", "Revenue", None)) == ""
    assert "behind" in view.progress(replace(full().cards[0].figure, quantity=Quantity(1.0, Unit.RATIO)))
