"""Inputs of metrics in units; what is not known is not an input."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.views.metric_inputs import ScopeSums, setting_inputs, usable_spend, usable_traffic, with_events
from tests.reporting.views.test_report_page import settings_of

SPEND = {"converted_micros": 90_000_000, "impressions": 1_000, "clicks": 20, "searched_impressions": 0}


def test_sums_are_divided_into_units() -> None:
    leads = {"leads": 30, "genuine_ppm": 20_500_000, "revenue_micros": 7_000_000}
    sums = ScopeSums(leads, SPEND, None, {"won": 2}, {"overhead": 5.0})
    inputs = sums.inputs
    assert (inputs["genuine"], inputs["revenue"], inputs["spend"], inputs["won"]) == (20.5, 7.0, 90.0, 0.0)
    assert (inputs["closed_won"], inputs["closed_lost"], inputs["overhead"]) == (2.0, 0.0, 5.0)
    assert "sessions" not in inputs
    assert sums.value("raw_cpl") == 3.0


def test_unknown_spend_and_no_leads_have_no_cost_per_lead() -> None:
    assert "spend" not in ScopeSums({"leads": 3}).inputs
    assert ScopeSums({"leads": 3}).value("raw_cpl") is None
    assert ScopeSums({"leads": 0}, SPEND).value("raw_cpl") is None


def test_spend_without_a_rate_and_no_sessions_are_unknown() -> None:
    good = {"rows": 2, "unconverted": 0}
    assert usable_spend(good) is good
    part = ScopeSums({}, {**SPEND, "unconverted": 1})
    assert part.cost_micros is None
    assert "spend" not in part.inputs
    assert part.inputs["impressions"] == 1_000
    assert usable_spend({"rows": 0, "unconverted": 0}) is None
    assert usable_spend(None) is None
    assert usable_traffic({"sessions": 0, "views": 0}) is None
    assert usable_traffic({"sessions": 0, "views": 1}) == {"sessions": 0, "views": 1}
    assert usable_traffic(None) is None


def test_settings_count_for_the_days_of_the_period(tmp_path: Path) -> None:
    named = setting_inputs(settings_of(tmp_path, overhead=365.25), 12)
    assert named["overhead"] == pytest.approx(144.0)  # 12 days of 365.25 / 12
    assert "incremental_cost" not in named
    assert setting_inputs(settings_of(tmp_path, overhead=365.25), 0)["overhead"] == 0.0


def test_the_calendar_view_replaces_outcomes_and_keeps_leads() -> None:
    leads = with_events({"leads": 5, "won": 4, "lost": 3}, {"won": 1})
    assert (leads["leads"], leads["won"], leads["lost"], leads["revenue_micros"]) == (5, 1, 0, 0)
    assert with_events({"won": 4}, None)["won"] == 0
