"""Section `[report.sources.linkedin]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection, ZoneName


class LinkedInSourceSection(SourceSection):
    """LinkedIn, by the Marketing API."""

    title: ClassVar[str] = "LinkedIn"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("202610", description="Version of the API (LinkedIn-Version), year and month")
    accounts: Names = Field((), description="Ids of the ad accounts (numbers); left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token with r_ads and r_ads_reporting")
    zone: ZoneName = Field("UTC", description="Time zone of LinkedIn's days")
    most_rows: int = Field(15_000, gt=0, description="Rows at which an answer counts as cut off: the range is halved")


SECTION = LinkedInSourceSection
