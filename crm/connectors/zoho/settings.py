"""Section `[crm.zoho]`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from leadworth.crm_section import NO_SECRET, CrmSection
from leadworth.settings_section import Names


class ZohoSection(CrmSection):
    """Zoho CRM. `endpoint` is the accounts server; the answer to its token request names the server of the data."""

    required_secrets: ClassVar[tuple[str, ...]] = ("client_secret", "refresh_token")

    data_centre: Literal["com", "eu", "in", "com.au", "jp", "com.cn", "ca", "sa", "uk", "ae"] = Field(
        "eu", description="Data centre of the account: the end of the address at which people sign in"
    )
    api_version: str = Field("v8", pattern=r"^v[0-9]+(\.[0-9]+)?$", description="Version of the API")
    client_id: str = Field("", description="Client id of the self client in Zoho's API console")
    client_secret: SecretStr = Field(NO_SECRET, description="Client secret of the self client")
    refresh_token: SecretStr = Field(NO_SECRET, description="Refresh token; it does not expire")
    ignored_modules: Names = Field((), description="Modules that the account does not have, such as Campaigns")
    token_file: str = Field(
        "", description="File for processes in one working folder to share the access token; left out: none"
    )
    daily_credits: int = Field(50_000, ge=1, description="API credits of the account in 24 hours")
    query_columns: int = Field(50, ge=10, description="Most columns of one query")
    history_days: float = Field(730.0, ge=0, description="Age up to which the stages of closed deals are read")
    event_url: str = Field("", description="Public address that Zoho notifies; left out: no notifications")
    event_token: SecretStr = Field(NO_SECRET, description="Secret that proves notifications, at most 50 characters")
    event_days: float = Field(7.0, gt=0, le=7, description="Days for which notifications are ordered at each sync")


SECTION = ZohoSection
