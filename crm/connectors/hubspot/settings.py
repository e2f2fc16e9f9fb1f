"""Section `[crm.hubspot]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.crm_section import CrmSection

NO_SECRET = SecretStr("")


class HubSpotSection(CrmSection):
    """HubSpot: a service key or the token of a private app, or an app with OAuth."""

    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    token: SecretStr = Field(NO_SECRET, description="Service key, or access token of a private app")
    client_id: str = Field("", description="Id of the app, for OAuth")
    client_secret: SecretStr = Field(
        NO_SECRET, description="Secret of the app, for OAuth and the signature of webhooks"
    )
    refresh_token: SecretStr = Field(NO_SECRET, description="Refresh token of the app, for OAuth instead of `token`")
    api_version: str = Field("2026-09", pattern=r"^\d{4}-\d{2}$", description="Version of the API: year and month")
    oauth_version: str = Field("2026-03", pattern=r"^\d{4}-\d{2}$", description="Version of the token endpoint")
    searches_per_second: int = Field(5, ge=1, description="Searches of the account per second, of all applications")
    user: str = Field(
        "", description="User id in `hs_updated_by_user_id` after a write with your token; empty: not known"
    )

    def missing_secrets(self) -> list[str]:
        """Return the secrets that are missing: of OAuth where a refresh token is set, else the token."""
        if not self.refresh_token.get_secret_value():
            return super().missing_secrets()
        given = {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        return [name for name, value in given.items() if not value]


SECTION = HubSpotSection
