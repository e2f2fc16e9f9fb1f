"""Section `[crm.odoo]`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from leadworth.crm_section import NO_SECRET, CrmSection


class OdooSection(CrmSection):
    """Odoo, with the API key of a user of its own."""

    required_secrets: ClassVar[tuple[str, ...]] = ("key",)

    key: SecretStr = Field(NO_SECRET, description="API key of leadworth's user")
    database: str = Field("", description="Database; needed by JSON-RPC, and where the host serves several")
    login: str = Field("", description="Login of leadworth's user; needed by JSON-RPC only")
    interface: Literal["auto", "json2", "jsonrpc"] = Field(
        "auto",
        description="Interface of Odoo: `json2` from Odoo 19, `jsonrpc` up to 21; `auto`: by the server's version",
    )
    event_secret: SecretStr = Field(NO_SECRET, description="Secret in the address of webhooks; left out: none")


SECTION = OdooSection
