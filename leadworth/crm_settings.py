"""Section `[crm]`: connections with CRMs, with a section for each connector."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from pydantic import Field, create_model

from leadworth.crm_catalog import PACKAGE, crms
from leadworth.crm_section import CrmSection
from leadworth.settings_section import Section


class CommonCrmSettings(Section):
    """Connections with CRMs."""

    public_url: str = Field(
        "",
        description="Address of this service as CRMs call it, such as https://leads.example.com: signatures of "
        "webhooks cover it. Left out: that of the request",
    )

    def section(self, name: str) -> CrmSection:
        """Return the section of a CRM."""
        return cast("CrmSection", getattr(self, name))


def _crm_sections() -> dict[str, tuple[type[CrmSection], CrmSection]]:
    """Return type and default of the section of every CRM."""
    types = {name: importlib.import_module(f"{PACKAGE}.{name}.settings").SECTION for name in crms()}
    return {name: (section, section()) for name, section in types.items()}


if TYPE_CHECKING:
    CrmSettings = CommonCrmSettings
else:
    CrmSettings = create_model(
        "CrmSettings",
        __base__=CommonCrmSettings,
        __module__=__name__,
        __doc__=CommonCrmSettings.__doc__,
        **_crm_sections(),
    )
