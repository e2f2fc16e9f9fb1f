"""Goals: target revenue, straight line and backward funnel of the specification."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.goal_targets import (
    FunnelRates,
    NeededFunnel,
    backward_funnel,
    expected_progress,
    furthest_behind,
    mean_growth,
    target_revenue_by_factor,
    target_revenue_by_points,
)

REVENUES = (1_000_000, 1_100_000, 1_265_000, 1_328_000)
RATES = FunnelRates(12_000, 0.25, 0.8, 0.2, 0.025, 60.0)


def test_target_revenue_of_the_specification() -> None:
    assert mean_growth(REVENUES) == pytest.approx(0.0999, abs=5e-5)
    assert target_revenue_by_points(REVENUES) == pytest.approx(1_527_112.52, abs=0.005)
    assert target_revenue_by_factor(REVENUES) == pytest.approx(1_467_348.14, abs=0.005)


@pytest.mark.parametrize("revenues", [(), (5.0,), (0.0, 5.0), (1.0, -1.0, 3.0)])
def test_without_growth_there_is_no_target(revenues: tuple[float, ...]) -> None:
    assert target_revenue_by_points(revenues) is None
    assert target_revenue_by_factor(revenues) is None


def test_the_funnel_of_the_specification() -> None:
    assert backward_funnel(600_000, RATES) == NeededFunnel(600_000, 50, 200, 250, 1_250, 50_000, 75_000)
    assert backward_funnel(600_000, FunnelRates(12_000, 0.0, 0.8, 0.2, 0.025, 60.0)) is None


def test_the_stage_that_is_furthest_behind_a_straight_line() -> None:
    needed = NeededFunnel(600_000, 50, 200, 250, 1_250, 50_000, 75_000)
    present = NeededFunnel(300_000, 24, 99, 120, 400, 26_000, 40_000)
    assert furthest_behind(needed, present, 0.5) == "genuine_leads"
    assert furthest_behind(needed, needed, 1.0) is None
    assert furthest_behind(needed, present, 0.0) is None


@given(st.integers(0, 400), st.integers(-10, 420))
def test_the_line_rises_from_nothing_to_the_goal(days: int, offset: int) -> None:
    first = date(2026, 1, 1)
    last = first + timedelta(days=days)
    assert expected_progress(100.0, first, last, first - timedelta(days=1)) == 0.0
    assert expected_progress(100.0, first, last, last) == 100.0
    today = first + timedelta(days=offset)
    assert 0.0 <= expected_progress(100.0, first, last, today) <= 100.0
