"""Section `[report.sources.search_console]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection, ZoneName


class SearchConsoleSection(SourceSection):
    """Google Search Console, by the Search Analytics API."""

    title: ClassVar[str] = "Google Search Console"
    required_secrets: ClassVar[tuple[str, ...]] = ("refresh_token", "client_secret")

    accounts: Names = Field(
        (), description="Properties, such as sc-domain:example.com or https://www.example.com/; left out: not used"
    )
    client: str = Field("", description="Client id of your OAuth application")
    client_secret: SecretStr = Field(NO_TOKEN, description="Its secret")
    refresh_token: SecretStr = Field(NO_TOKEN, description="Refresh token with the scope webmasters.readonly")
    login: str = Field("https://oauth2.googleapis.com/token", description="Where tokens are refreshed")
    zone: ZoneName = Field("America/Los_Angeles", description="Time zone of Google's days")
    settle_days: int = Field(
        3, ge=0, description="Newest whole days that are not fetched yet, because they are not final"
    )
    request_days: int = Field(1, gt=0, description="Days of one request; a request has 25,000 queries at most")
    page_rows: int = Field(25_000, gt=0, le=25_000, description="Rows of one answer")


SECTION = SearchConsoleSection
