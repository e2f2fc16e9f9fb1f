"""Section `[export.google]`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from leadworth.platform_section import Actions, ApiSection


class GoogleSection(ApiSection):
    """Google Ads through the Data Manager API."""

    account_setting: ClassVar[str] = "customer"

    requests_per_minute: int = Field(250, gt=0, description="Requests a minute; Google allows 300 a project")
    version: str = Field("v1", description="Version of the API")
    customer: str = Field("", description="Account that owns the conversion actions: 10 digits; left out: not used")
    login_customer: str = Field("", description="Manager account through which you have access, if any")
    actions: Actions = Field(Actions(), description="Ids of conversion actions (numbers) by stage")
    credentials: Path | None = Field(None, description="Key file of a service account; left out: the machine's own")
    transport: Literal["grpc", "rest"] = Field("grpc", description="How the official client talks")
    restate_days: int = Field(54, gt=0, le=90, description="Age up to which a value is restated")


SECTION = GoogleSection
