"""Base class of the sections `[crm.<name>]`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from leadworth.settings_section import Names, Section

NO_SECRET = SecretStr("")


class CrmSection(Section):
    """Section of one CRM.

    Attributes
    ----------
    required_secrets
        Secrets without which the CRM refuses every request.
    """

    required_secrets: ClassVar[tuple[str, ...]] = ()

    endpoint: str = Field("", description="Address of the account's API; left out: the CRM's own")
    lead_object: str = Field("", description="Object whose records are the leads; left out: the usual one")
    fields: Names = Field((), description="Further fields of the lead object to read")
    quota_share: float = Field(0.2, gt=0, le=1, description="Share of the daily requests that a run may use")
    lookback_minutes: float = Field(10.0, ge=0, description="Overlap with the last run, for rows that commit late")
    timeout_seconds: float = Field(30.0, gt=0, description="Longest wait for an answer")
    personal_data: Literal["encrypted", "omitted"] = Field(
        "encrypted", description="Contents of records in the store; omitted: only fields that say nothing of a person"
    )

    @field_validator("endpoint")
    @classmethod
    def _is_address(cls, endpoint: str) -> str:
        if endpoint and not endpoint.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// (or http:// for a sandbox on this machine)")
        return endpoint

    def in_use(self) -> bool:
        """Return whether the CRM's credentials are set."""
        return bool(self.required_secrets) and not self.missing_secrets()

    def missing_secrets(self) -> list[str]:
        """Return the required secrets that are empty."""
        return [name for name in self.required_secrets if not getattr(self, name).get_secret_value()]


class TokenOrAppSection(CrmSection):
    """Section of a CRM that takes the token of a user, or an app with OAuth."""

    required_secrets: ClassVar[tuple[str, ...]] = ("token",)

    token: SecretStr = Field(NO_SECRET, description="API token of a user")
    client_id: str = Field("", description="Id of the app, for OAuth")
    client_secret: SecretStr = Field(NO_SECRET, description="Secret of the app, for OAuth")
    refresh_token: SecretStr = Field(NO_SECRET, description="Refresh token of the app, for OAuth instead of `token`")

    def missing_secrets(self) -> list[str]:
        """Return the secrets that are missing: of OAuth where a refresh token is set, else the token."""
        if not self.refresh_token.get_secret_value():
            return super().missing_secrets()
        given = {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}
        return [name for name, value in given.items() if not value]
