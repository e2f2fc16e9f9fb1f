"""Section `[report.sources.microsoft]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN
from leadworth.settings_section import Names
from leadworth.source_section import SourceSection, ZoneName


class MicrosoftSourceSection(SourceSection):
    """Microsoft Advertising, by the Reporting service."""

    title: ClassVar[str] = "Microsoft Advertising"
    required_secrets: ClassVar[tuple[str, ...]] = ("developer_token", "refresh_token")

    version: str = Field("v13", description="Version of the API")
    accounts: Names = Field((), description="Ids of the accounts (numbers); left out: not used")
    customer: str = Field("", description="Id of the customer")
    developer_token: SecretStr = Field(NO_TOKEN, description="Developer token")
    client: str = Field("", description="Client id of your OAuth application")
    client_secret: SecretStr = Field(NO_TOKEN, description="Its secret, if it has one")
    refresh_token: SecretStr = Field(NO_TOKEN, description="Refresh token of the user who gave access")
    login: str = Field(
        "https://login.microsoftonline.com/common/oauth2/v2.0/token", description="Where tokens are refreshed"
    )
    report_zone: str = Field(
        "GreenwichMeanTimeDublinEdinburghLisbonLondon",
        description="Time zone of the account as Microsoft names it (ReportTimeZone)",
    )
    zone: ZoneName = Field("Europe/London", description="The same time zone, IANA name")
    report_seconds: float = Field(900.0, gt=0, description="Longest wait for a report")


SECTION = MicrosoftSourceSection
