"""Section `[crm.dynamics]`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.crm_section import NO_SECRET, CrmSection


class DynamicsSection(CrmSection):
    """Dynamics 365 (Dataverse). `endpoint` is the address of the environment."""

    required_secrets: ClassVar[tuple[str, ...]] = ("client_secret",)

    version: str = Field("9.2", description="Version of the API")
    login: str = Field("https://login.microsoftonline.com", description="Login server; another one in sovereign clouds")
    tenant: str = Field("", description="Id of the tenant (Microsoft Entra)")
    client_id: str = Field("", description="Application id of the app registration")
    client_secret: SecretStr = Field(NO_SECRET, description="Secret of the app registration")
    prefix: str = Field("lw", description="Prefix of the publisher of the score columns")
    bypass_custom_logic: bool = Field(
        False, description="Skip plug-ins, workflows and flows when scores are written; needs a privilege: ask first"
    )
    event_secret: SecretStr = Field(NO_SECRET, description="Secret that webhooks send; left out: none are accepted")


SECTION = DynamicsSection
