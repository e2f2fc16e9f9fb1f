"""Section `[crm.salesforce]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.crm_section import NO_SECRET, CrmSection


class SalesforceSection(CrmSection):
    """Salesforce. With `private_key` it signs in as `username` (JWT bearer), else by `consumer_secret`."""

    required_secrets: ClassVar[tuple[str, ...]] = ("consumer_key",)

    version: str = Field("67.0", description="Version of the API")
    audience: str = Field(
        "https://login.salesforce.com", description="Login server; https://test.salesforce.com for a sandbox org"
    )
    username: str = Field("", description="User that leadworth signs in as with `private_key`")
    consumer_key: SecretStr = Field(NO_SECRET, description="Consumer key of the external client app")
    private_key: SecretStr = Field(NO_SECRET, description="Private key of the app's certificate (PEM)")
    consumer_secret: SecretStr = Field(
        NO_SECRET, description="Consumer secret; with it `endpoint` must be the My Domain address"
    )
    currency: str = Field("", description="Currency of an org that has only one and does not state it")
    event_secret: SecretStr = Field(NO_SECRET, description="Secret in the address of outbound messages; left out: none")

    def missing_secrets(self) -> list[str]:
        """Return the required secrets that are empty; one of the private key and the consumer secret is needed."""
        either = self.private_key.get_secret_value() or self.consumer_secret.get_secret_value()
        return super().missing_secrets() + ([] if either else ["private_key"])


SECTION = SalesforceSection
