"""Section `[export.google_ads]`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class GoogleAdsSection(ApiSection):
    """Google Ads API, for developer tokens that may still upload click conversions."""

    account_setting: ClassVar[str] = "customer"
    required_secrets: ClassVar[tuple[str, ...]] = ("developer_token",)

    version: str = Field("v26", description="Version of the API")
    customer: str = Field("", description="Account that owns the conversion actions: 10 digits; left out: not used")
    login_customer: str = Field("", description="Manager account through which you have access, if any")
    actions: Actions = Field(Actions(), description="Ids of conversion actions (numbers) by stage")
    developer_token: SecretStr = Field(NO_TOKEN, description="Developer token")
    credentials: Path | None = Field(None, description="Key file of a service account; left out: the machine's own")


SECTION = GoogleAdsSection
