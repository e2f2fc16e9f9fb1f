"""Section `[crm.pipedrive]`."""

from __future__ import annotations

from pydantic import Field, SecretStr

from leadworth.crm_section import NO_SECRET, TokenOrAppSection


class PipedriveSection(TokenOrAppSection):
    """Pipedrive: the API token of a user, or an app with OAuth."""

    oauth_url: str = Field("https://oauth.pipedrive.com/oauth/token", description="Address of the token endpoint")
    daily_tokens: int = Field(
        30_000, ge=1, description="Tokens of the account in a day, where answers leave it out: 30,000 by plan and seats"
    )
    history_days: int = Field(
        730, ge=0, description="Days after its end for which the stages of a closed deal are read, at 20 tokens each"
    )
    webhook_user: str = Field("leadworth", description="User of the Basic authentication of webhooks")
    webhook_password: SecretStr = Field(NO_SECRET, description="Password of the Basic authentication of webhooks")
    user: str = Field("", description="Id of the user of the token, to recognise own changes; empty: looked up")


SECTION = PipedriveSection
