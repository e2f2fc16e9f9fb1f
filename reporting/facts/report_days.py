"""Days of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from leadworth.settings import Settings


def report_zone(settings: Settings) -> ZoneInfo:
    """Return the zone of the days of the report."""
    return ZoneInfo(settings.report.zone) if settings.report.zone else settings.zone
