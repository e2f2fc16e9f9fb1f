"""Base classes of the sections `[export.<platform>]`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from leadworth.settings_section import Section

STAGES = ("lead", "qualified", "won", "lost", "junk")
"""Stages of a lead that are exported: form sent, taken up by sales, won, lost, found to be junk."""
NO_TOKEN = SecretStr("")


class Actions(Section):
    """Names of the stages at a platform; a stage without a name is not sent."""

    lead: str = Field("", description="Form sent")
    qualified: str = Field("", description="Taken up by sales")
    won: str = Field("", description="Closed-won")
    lost: str = Field("", description="Closed-lost; GA4 only")
    junk: str = Field("", description="Found to be junk; GA4 only")

    def named(self) -> dict[str, str]:
        """Return the name of each stage that has one."""
        return {stage: name for stage in STAGES if (name := getattr(self, stage))}


class PlatformSection(Section):
    """Section of one platform.

    Attributes
    ----------
    account_setting
        The setting without which the platform is not used.
    required_secrets
        Secrets without which the platform refuses every request.
    """

    account_setting: ClassVar[str] = "actions"
    required_secrets: ClassVar[tuple[str, ...]] = ()

    actions: Actions = Actions()

    def in_use(self) -> bool:
        """Return whether the account and at least one action are named."""
        return bool(getattr(self, self.account_setting) and self.actions.named())

    def missing_secrets(self) -> list[str]:
        """Return the required secrets that are empty."""
        return [name for name in self.required_secrets if not getattr(self, name).get_secret_value()]


class ApiSection(PlatformSection):
    """Section of a platform with an API."""

    endpoint: str = Field("", description="Address of the service; left out: the platform's own")
    requests_per_minute: int = Field(60, gt=0, description="Requests a minute, of all workers together")


class FileSection(PlatformSection):
    """A file of conversions in the platform's own template, for an upload by hand or by schedule."""

    actions: Actions = Field(Actions(), description="Names of conversion actions by stage; left out: not used")
    folder: Path = Field(Path("exports"), description="Where the files are written")
