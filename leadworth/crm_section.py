"""Base class of the sections `[crm.<name>]`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from leadworth.settings_section import Names, Section


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

    def in_use(self) -> bool:
        """Return whether the CRM's credentials are set."""
        return bool(self.required_secrets) and not self.missing_secrets()

    def missing_secrets(self) -> list[str]:
        """Return the required secrets that are empty."""
        return [name for name in self.required_secrets if not getattr(self, name).get_secret_value()]
