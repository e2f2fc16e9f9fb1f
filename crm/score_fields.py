"""Fields that leadworth writes to a CRM, with the prefix `lw_`; no other field is ever written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from leadworth.health_findings import HealthFinding

BANDS = ("A", "B", "C", "D", "E")
LABEL_PREFIX = "leadworth"
"""Beginning of the labels of all score fields."""
BAND, WIN_PROBABILITY = "lw_band", "lw_win_probability"
VERDICTS = ("accept", "review", "reject")


class ScoreKind(StrEnum):
    """Type of a score field."""

    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    MOMENT = "moment"


@dataclass(frozen=True)
class ScoreField:
    """Field that leadworth creates and writes.

    Attributes
    ----------
    label
        Name that people see; `{currency}` is the currency of the settings.
    decimals
        Decimal places of a number.
    options
        Values of a choice.
    length
        Most characters of a text.
    """

    name: str
    label: str
    kind: ScoreKind
    decimals: int = 0
    options: tuple[str, ...] = ()
    length: int = 0


class MissingScoreFields(HealthFinding):
    """Finding that the CRM lacks score fields, which `leadworth crm connect` lists and creates itself."""


SCORE_FIELDS = (
    ScoreField(WIN_PROBABILITY, "leadworth win probability", ScoreKind.NUMBER, decimals=4),
    ScoreField("lw_expected_revenue", "leadworth expected revenue ({currency})", ScoreKind.NUMBER, decimals=2),
    ScoreField("lw_predicted_value", "leadworth predicted value ({currency})", ScoreKind.NUMBER, decimals=2),
    ScoreField("lw_currency", "leadworth currency", ScoreKind.TEXT, length=3),
    ScoreField("lw_junk_probability", "leadworth junk probability", ScoreKind.NUMBER, decimals=4),
    ScoreField(BAND, "leadworth band", ScoreKind.CHOICE, options=BANDS),
    ScoreField("lw_verdict", "leadworth verdict", ScoreKind.CHOICE, options=VERDICTS),
    ScoreField("lw_reasons", "leadworth reasons", ScoreKind.TEXT, length=255),
    ScoreField("lw_model", "leadworth model", ScoreKind.TEXT, length=64),
    ScoreField("lw_scored_at", "leadworth scored at", ScoreKind.MOMENT),
)
"""Filters and workflows of the CRM should use `lw_band`: it changes rarely."""
