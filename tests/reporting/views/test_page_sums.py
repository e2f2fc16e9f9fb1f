"""Sums of a page add up; what is unknown in every part stays unknown, and predictions can be left out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reporting.views.metric_inputs import ScopeSums
from reporting.views.page_sums import PageSums, add_all, seen_only, sum_of
from reporting.views.report_filters import ReportFilters
from reporting.views.report_period import DayRange
from tests.reporting.views.test_report_page import settings_of

TODAY = date(2026, 11, 28)


def made_sums(folder: Path, **values: Any) -> PageSums:
    """Return sums of a page without a store."""
    defaults: dict[str, Any] = {
        "filters": ReportFilters(),
        "settings": settings_of(folder),
        "zone": ZoneInfo("Europe/Rome"),
        "today": TODAY,
        "days": DayRange(date(2026, 8, 31), TODAY),
        "compared": None,
        "total": ScopeSums(),
        "channels": {},
        "campaigns": {},
        "before": None,
        "channels_before": {},
        "weeks": {},
        "spend_has_countries": True,
        "has_outcomes": False,
    }
    return PageSums(**{**defaults, **values})


def test_parts_add_up_and_unknown_spend_stays_unknown() -> None:
    parts = [ScopeSums({"leads": 2, "won": 1}, {"rows": 1}), ScopeSums({"leads": 3}, None)]
    assert add_all(parts) == ScopeSums({"leads": 5, "won": 1}, {"rows": 1})
    assert add_all([]) == ScopeSums({}, None, None, None)
    assert parts[0].leads == {"leads": 2, "won": 1}  # not changed


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        ([], {}),
        ([{"a": 1, "b": 2}, {"b": 3, "a": 4}, {"a": 0, "b": 1}], {"a": 5, "b": 6}),
        ([{"a": 1, "b": 2}, {"b": 3, "c": 4}], {"a": 1, "b": 5, "c": 4}),
        ([{"a": 1}, {}], {"a": 1}),
    ],
)
def test_scopes_add_up(parts: list[dict[str, int]], total: dict[str, int]) -> None:
    assert sum_of(parts) == total


def test_without_predictions_only_the_seen_is_left(tmp_path: Path) -> None:
    part = ScopeSums({"won": 2, "open_scored": 4, "open_value_micros": 9})
    sums = made_sums(tmp_path, total=part, channels={"Email": part}, weeks={TODAY: part})
    seen = sums.without_predictions()
    expected = {"won": 2, "open_scored": 0, "open_value_micros": 0}
    assert seen_only(part.leads) == expected
    assert [seen.total.leads, seen.channels["Email"].leads, seen.weeks[TODAY].leads] == [expected] * 3
    assert seen.before is None
    assert sums.total.leads["open_scored"] == 4
