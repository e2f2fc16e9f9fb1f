"""Section `[export.linkedin]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class LinkedInSection(ApiSection):
    """LinkedIn Conversions API."""

    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("202610", description="Version of the API (LinkedIn-Version), year and month")
    actions: Actions = Field(Actions(), description="Ids of conversion rules by stage; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")


SECTION = LinkedInSection
