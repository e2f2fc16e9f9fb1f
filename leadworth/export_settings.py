"""Section `[export]`: how values are sent to ad platforms, with a section for each platform."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Self, cast

from pydantic import Field, create_model, model_validator

from leadworth.consent import STRICT
from leadworth.platform_catalog import PACKAGE, platforms
from leadworth.platform_section import PlatformSection
from leadworth.settings_section import Names, Section


class ConsentExport(Section):
    """Consent that counts where none is recorded."""

    assume_granted_in: Names = Field(
        (), description="Countries (two letters) where no record counts as granted; none of the EEA, UK, Switzerland"
    )

    @model_validator(mode="after")
    def _not_strict(self) -> Self:
        strict = sorted(STRICT & {country.upper() for country in self.assume_granted_in})
        if strict:
            raise ValueError(f"consent cannot be assumed in {', '.join(strict)}: the law there asks for a record")
        return self


class CommonExportSettings(Section):
    """Values that are sent to ad platforms."""

    qualified_stages: Names = Field(
        (), description="Stages of the CRM that mean qualified; left out: those of [outcomes] engaged that are not won"
    )
    cap: float | None = Field(
        None, gt=0, description="Expected values above it are cut; all are raised so that the mean stays"
    )
    least: float = Field(1.0, gt=0, description="What a genuine lead is worth at least, in `currency`")
    most_shift: float = Field(
        0.2, gt=0, le=1, description="Share by which a new model may move a channel's mean without approval"
    )
    restate_values: bool = Field(
        True, description="Restate values as leads mature, up to the revenue; false: only junk is retracted"
    )
    restate_from: float = Field(0.1, ge=0, description="Share by which a value must change to be restated")
    lease_seconds: float = Field(120.0, gt=1, description="After that, what a worker took is taken over by another")
    timeout_seconds: float = Field(20.0, gt=0, description="Longest wait for a platform's answer")
    retry_seconds: float = Field(5.0, gt=0, description="Longest wait before the second attempt; doubles each time")
    most_attempts: int = Field(20, gt=0, description="Attempts after which an event is given up")
    consent: ConsentExport = ConsentExport()

    @model_validator(mode="after")
    def _lease_outlasts_answer(self) -> Self:
        if self.lease_seconds <= 2 * self.timeout_seconds:
            raise ValueError("[export] lease_seconds must be more than twice timeout_seconds")
        return self

    def platform(self, name: str) -> PlatformSection:
        """Return the section of a platform."""
        return cast("PlatformSection", getattr(self, name))


def _platform_sections() -> dict[str, tuple[type[PlatformSection], PlatformSection]]:
    """Return type and default of the section of every platform."""
    types = {name: importlib.import_module(f"{PACKAGE}.{name}.settings").SECTION for name in platforms()}
    return {name: (section, section()) for name, section in types.items()}


if TYPE_CHECKING:
    ExportSettings = CommonExportSettings
else:
    ExportSettings = create_model(
        "ExportSettings",
        __base__=CommonExportSettings,
        __module__=__name__,
        __doc__=CommonExportSettings.__doc__,
        **_platform_sections(),
    )
