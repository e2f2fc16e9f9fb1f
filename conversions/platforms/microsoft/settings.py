"""Section `[export.microsoft]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class MicrosoftSection(ApiSection):
    """Microsoft Advertising offline conversions and their adjustments."""

    account_setting: ClassVar[str] = "account"
    required_secrets: ClassVar[tuple[str, ...]] = ("developer_token", "refresh_token")

    version: str = Field("v13", description="Version of the API")
    account: str = Field("", description="Id of the account; left out: not used")
    customer: str = Field("", description="Id of the customer")
    actions: Actions = Field(Actions(), description="Names of offline conversion goals by stage")
    developer_token: SecretStr = Field(NO_TOKEN, description="Developer token")
    client: str = Field("", description="Client id of your OAuth application")
    client_secret: SecretStr = Field(NO_TOKEN, description="Its secret, if it has one")
    refresh_token: SecretStr = Field(NO_TOKEN, description="Refresh token of the user who gave access")
    login: str = Field(
        "https://login.microsoftonline.com/common/oauth2/v2.0/token", description="Where tokens are refreshed"
    )


SECTION = MicrosoftSection
