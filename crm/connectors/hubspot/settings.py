"""Section `[crm.hubspot]`."""

from __future__ import annotations

from pydantic import Field, SecretStr

from leadworth.crm_section import NO_SECRET, TokenOrAppSection


class HubSpotSection(TokenOrAppSection):
    """HubSpot: a service key or the token of a private app, or an app with OAuth."""

    token: SecretStr = Field(NO_SECRET, description="Service key, or access token of a private app")
    client_secret: SecretStr = Field(
        NO_SECRET, description="Secret of the app, for OAuth and the signature of webhooks"
    )
    api_version: str = Field("2026-09", pattern=r"^\d{4}-\d{2}$", description="Version of the API: year and month")
    oauth_version: str = Field("2026-03", pattern=r"^\d{4}-\d{2}$", description="Version of the token endpoint")
    searches_per_second: int = Field(5, ge=1, description="Searches of the account per second, of all applications")
    user: str = Field(
        "", description="User id in `hs_updated_by_user_id` after a write with your token; empty: not known"
    )


SECTION = HubSpotSection
