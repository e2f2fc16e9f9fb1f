"""Section `[report.sources.brevo]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection, ZoneName


class BrevoSection(SourceSection):
    """Brevo, by its API v3."""

    title: ClassVar[str] = "Brevo"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    accounts: Names = Field((), description="A name for the account, such as main; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="API key")
    zone: ZoneName = Field("UTC", description="Time zone of the days of dispatch")
    page_rows: int = Field(100, gt=0, le=100, description="Campaigns of one answer")


SECTION = BrevoSection
