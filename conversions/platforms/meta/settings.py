"""Section `[export.meta]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class MetaSection(ApiSection):
    """Meta Conversions API, events of a CRM."""

    account_setting: ClassVar[str] = "dataset"
    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    version: str = Field("v26.0", description="Version of the Graph API")
    dataset: str = Field("", description="Id of the dataset; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")
    actions: Actions = Field(
        Actions(lead="Lead", qualified="Qualified", won="Converted"), description="Event names by stage"
    )
    crm: str = Field("leadworth", description="Name of your CRM, as Meta shows it")


SECTION = MetaSection
