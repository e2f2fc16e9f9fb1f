"""Section `[report.sources.ga4]`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from leadworth.settings_section import Names
from leadworth.source_section import SourceSection


class AnalyticsSourceSection(SourceSection):
    """Google Analytics 4, by the Data API."""

    title: ClassVar[str] = "Google Analytics 4"

    accounts: Names = Field((), description="Ids of the properties (numbers); left out: not used")
    credentials: Path | None = Field(
        None, description="Key file of a service account with the role Viewer; left out: the machine's own"
    )
    request_days: int = Field(1, gt=0, description='Days of one request; more days put more rows into "(other)"')
    page_rows: int = Field(100_000, gt=0, le=250_000, description="Rows of one answer")


SECTION = AnalyticsSourceSection
