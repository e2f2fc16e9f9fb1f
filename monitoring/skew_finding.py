"""Skew finding: an input that differs from training, its effect on money, and what to do, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.input_baseline import VELOCITY

_COLLECTOR = frozenset({"lw_data", "form_token", "token_state", "form_seconds", "honeypot_filled", "webdriver"})


class SkewKind(StrEnum):
    """How an input differs from training."""

    ALWAYS_MISSING = "always missing"
    MORE_OFTEN_MISSING = "more often missing"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class SkewFinding:
    """An input that differs from training.

    Attributes
    ----------
    input
        Field of the lead, ``extras.`` and the name of an extra column, or "velocity".
    kind
        How it differs.
    missing, trained_missing
        Share of the leads without it, now and in training; nan if unknown.
    psi
        Population stability index of `feature`, the one that has shifted most; nan for a missing input.
    feature
        In words; empty for a missing input.
    money
        Relative change of the total predicted value if the input were as in training.
    moved
        Share of the total predicted value that would then belong to other leads.
    unknown
        Whether values that training did not have count as missing.
    """

    input: str
    kind: SkewKind
    missing: float
    trained_missing: float
    money: float
    moved: float
    psi: float = float("nan")
    feature: str = ""
    unknown: bool = False

    @property
    def impact(self) -> float:
        """The larger of the effects on the total and on its distribution over the leads."""
        return max(abs(self.money), self.moved)

    def sentence(self, leads: str = "leads") -> str:
        """Return the difference and its effect as one sentence, without a full stop.

        Examples
        --------
        >>> SkewFinding("phone", SkewKind.ALWAYS_MISSING, 1.0, 0.12, 0.08, 0.06).sentence("rows")
        'phone is missing in 100% of the rows (training: 12%); with it, predicted value would be about 8% higher'
        >>> SkewFinding("budget", SkewKind.SHIFTED, 0.1, 0.1, -0.07, 0.06, 0.41, "Budget").sentence()
        'budget differs from training in the leads (Budget: PSI 0.41); as in training, predicted value would be ...'
        """
        name = self.input.removeprefix("extras.")
        if self.kind is SkewKind.SHIFTED:
            difference = f"{name} differs from training in the {leads} ({self.feature}: PSI {self.psi:.2f})"
            condition = "as in training"
        else:
            absent = "missing or unknown" if self.unknown else "missing"
            shares = f"{self.missing:.0%} of the {leads} (training: {self.trained_missing:.0%})"
            difference = f"{name} is {absent} in {shares}"
            condition = "with it" if self.kind is SkewKind.ALWAYS_MISSING else "as in training"
        return f"{difference}; {condition}, {self._effect()}"

    def _effect(self) -> str:
        if abs(self.money) >= self.moved:
            return f"predicted value would be about {abs(self.money):.0%} {'higher' if self.money > 0 else 'lower'}"
        return f"about {self.moved:.0%} of the predicted value would belong to other leads"

    @property
    def remedy(self) -> str:
        """What to do, as a sentence without a full stop."""
        if self.kind is SkewKind.SHIFTED:
            return f"check that {self._what} is written as in the history; if the leads have changed, train again"
        if self.input == VELOCITY:
            return "score leads in order of time by a service or a file whose store has the counts of earlier leads"
        if self.input in _COLLECTOR:
            return "add the collector to the form (docs/how-to/collector.md), or train on leads without it"
        if self.input.startswith("extras."):
            return f"provide {self._what}, or remove it from [leads.features] and train again"
        written = ", written as in the history" if self.unknown else ""
        return f"map {self._what} in [leads.columns] or send it over HTTP{written}; or remove it there and train again"

    @property
    def _what(self) -> str:
        return f"the column {self.input.removeprefix('extras.')}" if self.input.startswith("extras.") else self.input
