"""Section `[export.reddit]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class RedditSection(ApiSection):
    """A made-up API."""

    account_setting: ClassVar[str] = "advertiser"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("v3.0", description="Version of the API")
    advertiser: str = Field("", description="Id of the account; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")
    actions: Actions = Field(Actions(lead="Lead", won="Purchase"), description="Event names by stage")


SECTION = RedditSection
