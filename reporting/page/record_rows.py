"""Rows of the record of predictions, and of attribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class TrackRecordRow:
    """What was predicted about a cohort, and what came.

    Attributes
    ----------
    cohort
        First day of its month.
    until
        First day of its last month, where it has several.
    channel
        None: all of them.
    complete
        Whether its outcomes have come.
    """

    cohort: date
    channel: str | None
    said: float
    low: float | None
    high: float | None
    came: float
    complete: bool
    until: date | None = None


@dataclass(frozen=True)
class AttributionRow:
    """Revenue of a channel by one attribution model; the rows of a model add up to revenue."""

    channel: str
    amounts: Mapping[str, float]
