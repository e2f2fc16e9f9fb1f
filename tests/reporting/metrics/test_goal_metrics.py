"""Target revenue from the growth of three years."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS

STEADY = {
    "revenue_4_years_ago": 1_000.0,
    "revenue_3_years_ago": 1_100.0,
    "revenue_2_years_ago": 1_210.0,
    "revenue_last_year": 1_331.0,
}


def test_growth_of_ten_percent_a_year() -> None:
    assert METRICS["target_revenue"].compute(**STEADY) == pytest.approx(1_331 * 1.15)
    assert METRICS["target_revenue_factor"].compute(**STEADY) == pytest.approx(1_331 * 1.105)


def test_without_growth_only_the_points_raise_the_target() -> None:
    flat = dict.fromkeys(STEADY, 800.0)
    assert METRICS["target_revenue"].compute(**flat) == pytest.approx(840.0)
    assert METRICS["target_revenue_factor"].compute(**flat) == pytest.approx(800.0)


@pytest.mark.parametrize("name", ["target_revenue", "target_revenue_factor"])
def test_growth_from_a_year_without_revenue_is_not_defined(name: str) -> None:
    assert METRICS[name].compute(**{**STEADY, "revenue_4_years_ago": 0.0}) is None
