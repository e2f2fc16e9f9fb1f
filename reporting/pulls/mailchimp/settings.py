"""Section `[report.sources.mailchimp]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection, ZoneName


class MailchimpSection(SourceSection):
    """Mailchimp, by the Marketing API."""

    title: ClassVar[str] = "Mailchimp"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    accounts: Names = Field((), description="Ids of the audiences (lists); left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="API key; its end, such as us21, names the data centre")
    zone: ZoneName = Field("UTC", description="Time zone of the days of dispatch")
    page_rows: int = Field(1_000, gt=0, le=1_000, description="Campaigns of one answer")


SECTION = MailchimpSection
