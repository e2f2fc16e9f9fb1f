"""Section `[export.ga4]`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from leadworth.platform_section import NO_TOKEN, Actions, ApiSection


class Ga4Section(ApiSection):
    """Google Analytics 4, with its recommended lead events."""

    account_setting: ClassVar[str] = "measurement"

    measurement: str = Field("", description="Measurement id, G-...; left out: not used")
    property: str = Field("", description="Id of the property; for the Data Manager API")
    via: Literal["data_manager", "measurement_protocol"] = Field(
        "data_manager", description="The Measurement Protocol never says whether it understood, and has no receipt"
    )
    api_secret: SecretStr = Field(NO_TOKEN, description="Secret of the Measurement Protocol")
    credentials: Path | None = Field(None, description="Key file of a service account; left out: the machine's own")
    transport: Literal["grpc", "rest"] = Field("grpc", description="How the official client talks")
    actions: Actions = Field(
        Actions(
            lead="generate_lead",
            qualified="qualify_lead",
            won="close_convert_lead",
            lost="close_unconvert_lead",
            junk="disqualify_lead",
        ),
        description="Event names by stage",
    )

    def missing_secrets(self) -> list[str]:
        """Return the secret of the Measurement Protocol where that is used and it is empty."""
        missing = self.via == "measurement_protocol" and not self.api_secret.get_secret_value()
        return ["api_secret"] if missing else []


SECTION = Ga4Section
