"""The funnel from lead to win."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS


@pytest.mark.parametrize(
    ("name", "part", "whole", "expected"),
    [
        ("mql_to_sql", "mature_sql", "mature_mql", 0.25),
        ("lead_to_opportunity", "quoted", "leads", 0.25),
        ("lead_to_win", "won", "leads", 0.25),
        ("cost_per_mql", "spend", "mql", 0.25),
        ("cost_per_sql", "spend", "sql", 0.25),
    ],
)
def test_ratios(name: str, part: str, whole: str, expected: float) -> None:
    assert METRICS[name].compute(**{part: 10, whole: 40}) == expected
    assert METRICS[name].compute(**{part: 10, whole: 0}) is None


def test_win_rates() -> None:
    closed, cohort = METRICS["win_rate_closed"], METRICS["win_rate_cohort"]
    assert closed.compute(closed_won=6, closed_lost=18) == 0.25
    assert closed.compute(closed_won=6, closed_lost=0) == 1.0
    assert closed.compute(closed_won=0, closed_lost=0) is None
    assert cohort.compute(won=6, predicted_wins=1.5, mql=50) == pytest.approx(0.15)
    assert cohort.compute(won=6, predicted_wins=1.5, mql=0) is None


def test_sums_are_shown_as_they_are() -> None:
    assert [METRICS[name].compute(**{name: 9}) for name in ("mql", "sql")] == [9, 9]
    assert METRICS["wins"].compute(won=3) == 3
    assert METRICS["pipeline"].compute(pipeline_value=1_250.5) == 1_250.5
    assert METRICS["weighted_pipeline"].compute(weighted_value=0.0) == 0.0
