"""Which stale source ends a period."""

from __future__ import annotations

from datetime import date

import pytest

from reporting.views.report_period import DayRange
from reporting.views.source_reach import SourceEnd, source_end

TODAY = date(2026, 11, 28)
DAYS = DayRange(date(2026, 9, 1), TODAY)
META = {"kind": "spend", "platform": "meta", "last_day": "2026-11-10"}


def test_the_stale_source_that_ends_first() -> None:
    rows = [META, {**META, "platform": "google_ads", "last_day": "2026-11-20"}, {**META, "last_day": "2026-11-12"}]
    assert source_end(rows, DAYS, TODAY) == SourceEnd("Meta", "spend", date(2026, 11, 10))


@pytest.mark.parametrize(
    "change",
    [{"last_day": "2026-11-26"}, {"last_day": "2026-08-31"}, {"kind": "metrics"}, {"platform": "fairs"}],
    ids=["two days old", "before the period", "no days of spend or visits", "a file without rhythm"],
)
def test_what_cuts_nothing(change: dict[str, str]) -> None:
    assert source_end([{**META, **change}], DAYS, TODAY) is None
