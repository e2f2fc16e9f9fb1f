"""Zone of the days of the report."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from leadworth.settings import Settings
from reporting.facts.report_days import report_zone


def test_the_report_may_have_a_zone_of_its_own(settings: Settings) -> None:
    assert report_zone(settings) == ZoneInfo("Europe/Rome")
    own = Settings(currency="EUR", leads={}, timezone="Europe/Rome", report={"zone": "America/New_York"})
    assert report_zone(own) == ZoneInfo("America/New_York")
    assert own.zone == ZoneInfo("Europe/Rome")
