"""Section `[report.sources.google_ads]`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection


class GoogleAdsSourceSection(SourceSection):
    """Google Ads, by the Google Ads API."""

    title: ClassVar[str] = "Google Ads"
    required_secrets: ClassVar[tuple[str, ...]] = ("developer_token",)

    version: str = Field("v26", description="Version of the API")
    accounts: Names = Field((), description="Customer ids of 10 digits; left out: not used")
    login_customer: str = Field("", description="Manager account through which you have access, if any")
    developer_token: SecretStr = Field(NO_TOKEN, description="Developer token")
    credentials: Path | None = Field(
        None, description="Key file of a service account, or of a user; left out: the machine's own"
    )
    click_days: int = Field(90, ge=0, description="Days back for which the campaign of a click is fetched; 0: never")

    @field_validator("accounts")
    @classmethod
    def _ten_digits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        accounts = tuple(account.replace("-", "") for account in value)
        for account in accounts:
            if not (account.isdecimal() and len(account) == 10):
                raise ValueError(f"{account!r} is not a customer id of 10 digits, such as 1234567890")
        return accounts


SECTION = GoogleAdsSourceSection
