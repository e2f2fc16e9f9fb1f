"""Section `[mql]`: when a lead is marketing qualified."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from leadworth.settings_section import Section


class MqlSettings(Section):
    """When a lead is worth a sales touch."""

    margin: float = Field(0.4, gt=0, le=1, description="Share of revenue that is profit")
    touch_cost: float = Field(25.0, ge=0, description="Cost of one sales touch, in `currency`")
    capacity: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of the leads that sales can work, by win probability, where the history has no revenue. "
        "Left out: those that win at least as probably as the average lead",
    )
    bands: tuple[float, float, float, float] = Field(
        (20.0, 5.0, 2.0, 1.0),
        description="Bands A to D of the scores in the CRM: least profit in sales touches; without revenue in the "
        "history, least multiple of the win probability of an MQL. Less is band E",
    )
    policy: Path | None = Field(None, description="Your own policy file; left out: the shipped one")

    @model_validator(mode="after")
    def _falling_bands(self) -> Self:
        if sorted(set(self.bands), reverse=True) != list(self.bands) or self.bands[-1] <= 0:
            raise ValueError("[mql] bands must be four falling numbers above 0, such as [20, 5, 2, 1]")
        return self
