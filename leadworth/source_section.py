"""Base class of the sections `[report.sources.<name>]`: accounts whose spend, traffic and counts are fetched."""

from __future__ import annotations

from typing import Annotated, ClassVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from leadworth.settings_section import Names, Section


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not an IANA time zone, such as Europe/Rome")
    return name


ZoneName = Annotated[str, AfterValidator(_zone)]


class SourceSection(Section):
    """Section of one source of spend, traffic or counts.

    Attributes
    ----------
    title
        Name for people.
    required_secrets
        Secrets without which the source refuses every request.
    """

    title: ClassVar[str]
    required_secrets: ClassVar[tuple[str, ...]] = ()

    endpoint: str = Field("", description="Address of the service; left out: the platform's own")
    accounts: Names = Field((), description="Ids of the accounts to fetch; left out: not used")
    lookback_days: int = Field(30, gt=0, description="Days that each pull fetches again, because figures change later")
    settle_days: int = Field(
        0, ge=0, description="Newest whole days that are not fetched yet, because they are not final"
    )
    request_days: int = Field(
        30, gt=0, description="Longest range of one request; a range is stored when it is complete"
    )
    timeout_seconds: float = Field(60.0, gt=0, description="Longest wait for an answer")

    def in_use(self) -> bool:
        """Return whether an account is named."""
        return bool(self.accounts)

    def missing_secrets(self) -> list[str]:
        """Return the required secrets that are empty."""
        return [name for name in self.required_secrets if not getattr(self, name).get_secret_value()]
