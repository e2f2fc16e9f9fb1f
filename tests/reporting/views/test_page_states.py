"""Ages of sources, faults of predictions, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reporting.views.metric_inputs import ScopeSums
from reporting.views.page_states import calibration_fault, page_notices, source_ages
from reporting.views.report_filters import ReportFilters
from tests.reporting.views.test_page_sums import TODAY, made_sums

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 28, 9, 40, tzinfo=UTC)


def an_import(platform: str, last_day: str, zone: str = "Europe/Rome", quality: str = "") -> dict[str, Any]:
    return {"platform": platform, "last_day": last_day, "zone": zone, "kind": "spend", "quality": quality}


def test_the_oldest_account_gives_the_age_of_a_platform() -> None:
    rows = [an_import("meta", "2026-11-27"), an_import("meta", "2026-11-25", "UTC"), an_import("fairs", "2026-01-01")]
    rows.append(an_import("tiktok", "2026-12-05"))
    fairs, meta, tiktok = source_ages(rows, {}, TODAY, ROME, NOW)
    assert (meta.source, meta.at, meta.stale, meta.age_days, meta.zone) == ("Meta", date(2026, 11, 25), True, 3, "UTC")
    assert (fairs.source, fairs.stale) == ("fairs", False)
    assert (tiktok.at, tiktok.age_days, tiktok.stale, tiktok.zone) == (TODAY, 0, False, None)
    [two_days] = source_ages([an_import("meta", "2026-11-26")], {}, TODAY, ROME, NOW)
    assert not two_days.stale
    assert source_ages([], {"Leads": None}, TODAY, ROME, NOW) == ()


@pytest.mark.parametrize(("hours", "stale", "days"), [(-5, False, 0), (48, False, 2), (49, True, 2)])
def test_leads_are_stale_after_two_days(hours: int, stale: bool, days: int) -> None:
    [age] = source_ages([], {"Leads": NOW - timedelta(hours=hours)}, TODAY, ROME, NOW)
    assert (age.source, age.stale, age.age_days) == ("Leads", stale, days)


def test_only_certain_misses_are_faults() -> None:
    assert calibration_fault({}) is None
    assert calibration_fault({"submit_won": 3, "submit_win_ppm": 0}) is None
    assert calibration_fault({"submit_won": 100, "submit_win_ppm": 100_000_000}) is None
    assert calibration_fault({"submit_won": 0, "submit_win_ppm": 40_000_000}) == 0.0
    assert calibration_fault({"submit_won": 0, "submit_win_ppm": 1_000_000}) is None


def test_a_page_without_leads_says_when_they_came_or_that_filters_leave_none(tmp_path: Path) -> None:
    [first, *_] = page_notices(made_sums(tmp_path), [], None, "2026-05-20")
    assert (first.message.values, first.command) == ({"day": date(2026, 5, 20)}, None)
    for filters in ({"channel": ("Email",)}, {"campaign": ("name:x",)}, {"country": ("IT",)}):
        sums = made_sums(tmp_path, filters=ReportFilters(**filters))
        assert "these filters" in page_notices(sums, [], None, "2026-05-20")[0].message.text
        assert "No leads yet" in page_notices(sums, [], None)[0].message.text


def test_an_empty_page_says_what_to_import(tmp_path: Path) -> None:
    notices = page_notices(made_sums(tmp_path), [], None)
    assert [notice.command for notice in notices] == [
        "leadworth report build",
        "leadworth spend import FILE",
        "leadworth traffic import FILE",
    ]


def test_leads_without_outcomes_scores_or_channel(tmp_path: Path) -> None:
    channels = {"Unassigned": ScopeSums({"leads": 2})}
    total = ScopeSums({"leads": 10}, {"rows": 1}, {"sessions": 1})
    texts = [notice.message.text for notice in page_notices(made_sums(tmp_path, total=total, channels=channels), [], 2)]
    assert [text.split(":")[0] for text in texts] == [
        "No outcomes yet",
        "No lead has a score",
        "Past predictions missed the outcomes ({ratio} times as many wins came)",
        "{share} of the leads have no channel.",
    ]


def test_the_quality_of_a_source_is_said_once(tmp_path: Path) -> None:
    total = ScopeSums({"leads": 10, "scored": 1}, None, {"sessions": 1})
    rows = [an_import("ga4", "2026-11-01", quality="sampled"), an_import("ga4", "2026-11-20", quality="sampled")]
    spend, quality = page_notices(made_sums(tmp_path, total=total, has_outcomes=True), rows, None)
    assert spend.message.values == {"day": date(2026, 11, 20)}
    assert quality.message.values == {"source": "GA4", "quality": "sampled"}
