"""Score fields of a record, and whether they differ enough from those in the CRM to be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.score_fields import BANDS, SCORE_FIELDS, ScoreKind
from leadworth.crm_records import CrmValue

PROBABILITY_CHANGE = 0.01
"""Change of the win or junk probability that is written even if the band stays."""
REFRESH = timedelta(days=30)
"""Age at which unchanged scores are written again, so that people see that they are still computed."""
_BY_NAME = {field.name: field for field in SCORE_FIELDS}
_COMPARED = ("lw_band", "lw_verdict", "lw_model", "lw_currency")
_PROBABILITIES = ("lw_win_probability", "lw_junk_probability")


@dataclass(frozen=True)
class BandScale:
    """Absolute scale of bands: a lead has the same band whatever the other leads are.

    With revenue in the history, a band is a number of sales touches that the expected profit of the lead pays for;
    without, a multiple of the win probability that an MQL needs.

    Attributes
    ----------
    thresholds
        Least multiples of the bands A, B, C and D, falling. Less is E.
    margin
        Share of revenue that is profit.
    touch_cost
        Cost of one sales touch, in the currency of the values.
    least_probability
        Win probability of an MQL without revenue in the history; None: the history has revenue.

    Examples
    --------
    >>> scale = BandScale((20.0, 5.0, 2.0, 1.0), margin=0.4, touch_cost=25.0)
    >>> [scale.band(value, 0.0, "accept") for value in (2000.0, 400.0, 125.0, 62.5, 62.0)]
    ['A', 'B', 'C', 'D', 'E']
    >>> scale.band(5000.0, 0.0, "reject")
    'E'
    """

    thresholds: Sequence[float]
    margin: float
    touch_cost: float
    least_probability: float | None = None

    def band(self, predicted_value: float, win_probability: float, verdict: str) -> str:
        """Return the band of a lead; a rejected one is E."""
        if verdict == "reject":
            return BANDS[-1]
        if self.least_probability is None:
            amount, unit = predicted_value * self.margin, self.touch_cost
        else:
            amount, unit = win_probability, self.least_probability
        for band, threshold in zip(BANDS, self.thresholds, strict=False):
            if amount >= threshold * unit:
                return band
        return BANDS[-1]


def score_values(score: Mapping[str, object], band: str, scored_at: datetime) -> dict[str, CrmValue]:
    """Return the score fields of a record, rounded and cut as the CRM holds them.

    Parameters
    ----------
    score
        Fields of a score; `reasons` is a short text.

    Examples
    --------
    >>> from datetime import UTC
    >>> score = {"win_probability": 0.12345, "predicted_value": 61.725, "reasons": "Source: search (+)"}
    >>> values = score_values(score, "B", datetime(2026, 1, 2, 3, tzinfo=UTC))
    >>> values["lw_win_probability"], values["lw_band"], values["lw_scored_at"], values["lw_model"]
    (0.1235, 'B', '2026-01-02T03:00:00+00:00', '')
    """
    given = {
        **{f"lw_{name}": value for name, value in score.items()},
        "lw_model": score.get("model_version", ""),
        "lw_band": band,
        "lw_scored_at": scored_at.isoformat(timespec="seconds"),
    }
    values: dict[str, CrmValue] = {}
    for name, field in _BY_NAME.items():
        value = given.get(name, "" if field.kind is not ScoreKind.NUMBER else None)
        if field.kind is ScoreKind.NUMBER:
            values[name] = None if value is None else round(float(str(value)), field.decimals)
        else:
            text = str(value)
            values[name] = text[: field.length] if field.length else text
    return values


def is_worth_writing(
    values: Mapping[str, CrmValue], written: Mapping[str, CrmValue] | None, written_at: datetime | None, now: datetime
) -> bool:
    """Return whether the CRM's score fields should be replaced.

    They are if nothing was written yet, if the band, the verdict, the model or a probability (by more than 0.01)
    changed, and after 30 days. Each write counts against the quota and may start workflows, so others wait.

    Parameters
    ----------
    values
        New score fields.
    written, written_at
        Score fields that were written last, and when; None: never.

    Examples
    --------
    >>> from datetime import UTC
    >>> now = datetime(2026, 1, 2, tzinfo=UTC)
    >>> old = {"lw_band": "B", "lw_win_probability": 0.10}
    >>> is_worth_writing({"lw_band": "B", "lw_win_probability": 0.105}, old, now, now)
    False
    >>> is_worth_writing({"lw_band": "A", "lw_win_probability": 0.105}, old, now, now)
    True
    """
    if written is None or written_at is None or now - written_at >= REFRESH:
        return True
    if any(values.get(name) != written.get(name) for name in _COMPARED):
        return True
    return any(_moved(values.get(name), written.get(name)) for name in _PROBABILITIES)


def is_held(held: Mapping[str, CrmValue], written: Mapping[str, CrmValue]) -> bool:
    """Return whether a record holds the scores that were written, or somebody edited them.

    Parameters
    ----------
    held
        Some score fields of the record.
    written
        Score fields that were written last.

    Examples
    --------
    >>> written = {"lw_band": "B", "lw_win_probability": 0.1234}
    >>> is_held({"lw_band": "B", "lw_win_probability": "0.12"}, written), is_held({"lw_band": None}, written)
    (True, False)
    """
    for name, value in held.items():
        if name not in _PROBABILITIES:
            if str(value or "") != str(written.get(name) or ""):
                return False
            continue
        try:
            number = None if value in (None, "") else float(str(value))
        except ValueError:
            return False
        if _moved(number, written.get(name)):
            return False
    return True


def _moved(new: CrmValue, old: CrmValue) -> bool:
    if new is None or old is None:
        return new is not old
    return abs(float(new) - float(old)) > PROBABILITY_CHANGE + 1e-12
