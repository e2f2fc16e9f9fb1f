"""Section `[report.sources.tiktok]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection


class TikTokSourceSection(SourceSection):
    """TikTok, by the Business API."""

    title: ClassVar[str] = "TikTok"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("v1.3", description="Version of the API")
    accounts: Names = Field((), description="Ids of the advertisers (numbers); left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token with the scope Reporting")
    request_days: int = Field(30, gt=0, le=30, description="Longest range of one request: TikTok takes 30 days at most")
    page_rows: int = Field(1_000, gt=0, le=1_000, description="Rows of one answer")
    repeats: int = Field(4, gt=0, description="Attempts to read all pages without a change between them")


SECTION = TikTokSourceSection
