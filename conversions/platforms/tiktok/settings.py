"""Section `[export.tiktok]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class TikTokSection(ApiSection):
    """TikTok Events API, events of a CRM."""

    account_setting: ClassVar[str] = "event_set"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("v1.3", description="Version of the API")
    event_set: str = Field("", description="Id of the CRM event set; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")
    actions: Actions = Field(
        Actions(lead="Lead", qualified="QualifiedLead", won="ConvertedLead"), description="Event names by stage"
    )
    crm: str = Field("leadworth", description="Name of your CRM, as TikTok shows it")
    window_days: int = Field(7, gt=0, description="Age up to which an event is sent")


SECTION = TikTokSection
