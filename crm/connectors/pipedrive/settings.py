"""Section `[crm.pipedrive]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.crm_section import CrmSection

ABSENT = SecretStr("")


class PipedriveSection(CrmSection):
    """Pipedrive: the API token of a user, or an app with OAuth."""

    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    token: SecretStr = Field(ABSENT, description="API token of a user")
    client_id: str = Field("", description="Id of the app, for OAuth")
    client_secret: SecretStr = Field(ABSENT, description="Secret of the app, for OAuth")
    refresh_token: SecretStr = Field(ABSENT, description="Refresh token of the app, for OAuth instead of `token`")
    oauth_url: str = Field("https://oauth.pipedrive.com/oauth/token", description="Address of the token endpoint")
    daily_tokens: int = Field(
        30_000, ge=1, description="Tokens of the account in a day, where answers leave it out: 30,000 by plan and seats"
    )
    history_days: int = Field(
        730, ge=0, description="Days after its end for which the stages of a closed deal are read, at 20 tokens each"
    )
    webhook_user: str = Field("leadworth", description="User of the Basic authentication of webhooks")
    webhook_password: SecretStr = Field(ABSENT, description="Password of the Basic authentication of webhooks")
    user: str = Field("", description="Id of the user of the token, to recognise own changes; empty: looked up")

    def missing_secrets(self) -> list[str]:
        """Return the secrets that are missing: of OAuth where a refresh token is set, else the token."""
        if not self.refresh_token.get_secret_value():
            return super().missing_secrets()
        given = {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        return [name for name, value in given.items() if not value]


SECTION = PipedriveSection
