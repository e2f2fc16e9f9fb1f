"""Section `[report.sources.meta]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection


class MetaSourceSection(SourceSection):
    """Meta (Facebook and Instagram), by the Marketing API."""

    title: ClassVar[str] = "Meta"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("v26.0", description="Version of the Graph API")
    accounts: Names = Field((), description="Ids of the ad accounts, with or without act_; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token of a system user with ads_read")
    direct_days: int = Field(
        7, ge=0, description="Longest range that is read at once; longer ones as a report to wait for"
    )
    report_seconds: float = Field(600.0, gt=0, description="Longest wait for a report")
    page_rows: int = Field(500, gt=0, description="Rows of one answer")

    @field_validator("accounts")
    @classmethod
    def _digits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        accounts = tuple(account.removeprefix("act_") for account in value)
        for account in accounts:
            if not account.isdecimal():
                raise ValueError(f"{account!r} is not the id of an ad account, such as act_1234567890")
        return accounts


SECTION = MetaSourceSection
