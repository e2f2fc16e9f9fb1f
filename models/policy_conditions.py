"""Conditions of the decision policy."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadworth.readers.number_reader import read_number
from leadworth.readers.text_reader import read_text
from leadworth.records import Lead
from leadworth.unreadable import readable
from models.rule_kernel import Compare

Kind = Literal["field", "feature", "score", "check"]
SCORES = ("win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability")
CHECKS = ("test_address", "own_domain", "bulk_import", "own_submit", "automated")
_COMPARISONS = ("filled", "equals", "at_least", "at_most", "any_of")


def _text(value: object) -> str | None:
    return read_text(float(value) if isinstance(value, bool) else value)


class Condition(BaseModel):
    """A comparison of one input; it does not hold if the input is missing.

    `encode` converts the value of a field to a number.

    Examples
    --------
    >>> Condition(field="company", filled=True).encode("Acme")
    1.0
    >>> Condition(field="source", any_of=("Google", "Bing")).encode("bing ")
    1.0
    >>> Condition(field="employees", at_least=10).encode("50-100"), Condition(field="employees", at_least=10).comparison
    (50.0, ('at_least', 10.0))
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    field: str | None = None
    feature: str | None = None
    score: str | None = None
    check: str | None = None
    filled: bool | None = None
    equals: float | None = Field(None, alias="is")
    at_least: float | None = None
    at_most: float | None = None
    any_of: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        inputs = [name for name in ("field", "feature", "score", "check") if getattr(self, name) is not None]
        if len(inputs) != 1:
            raise ValueError("a condition needs exactly one of field, feature, score, check")
        comparisons = [name for name in _COMPARISONS if getattr(self, name) is not None]
        if len(comparisons) != (0 if inputs == ["check"] else 1):
            raise ValueError(
                "a condition needs exactly one comparison of filled, is, at_least, at_most, any_of (a check none)"
            )
        if inputs != ["field"] and comparisons and comparisons[0] in {"filled", "any_of"}:
            raise ValueError(f"only a field can be compared by {comparisons[0]}, not a {inputs[0]}")
        self._check_name()
        return self

    def _check_name(self) -> None:
        allowed: tuple[str, ...] = {"score": SCORES, "check": CHECKS, "field": tuple(Lead.model_fields)}.get(
            self.kind, ()
        )
        if allowed and self.name not in allowed and not (self.kind == "field" and self.name.startswith("extras.")):
            raise ValueError(f"there is no {self.kind} {self.name!r}; allowed: {', '.join(allowed)}")

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.any_of or ())

    @cached_property
    def kind(self) -> Kind:
        """Kind of the input."""
        if self.field is not None:
            return "field"
        if self.feature is not None:
            return "feature"
        return "score" if self.score is not None else "check"

    @cached_property
    def name(self) -> str:
        """Name of the input."""
        return self.field or self.feature or self.score or self.check or ""

    @property
    def comparison(self) -> tuple[Compare, float]:
        """The comparison with a feature, score or check, or with the result of `encode`."""
        if self.at_least is not None:
            return "at_least", self.at_least
        if self.at_most is not None:
            return "at_most", self.at_most
        if self.check is not None:
            return "at_least", 1.0
        if self.filled is not None:
            return "is", float(self.filled)
        return "is", 1.0 if self.equals is None else self.equals

    def encode(self, value: object) -> float:
        """Return the value of a field as a number: 1 or 0 for filled and any_of; nan if it is missing."""
        if self.filled is not None:
            return float(_text(value) is not None)
        if self.any_of is not None:
            text = _text(value)
            return float(text is not None and text.casefold() in self._words)
        number = readable(read_number(value))
        return math.nan if number is None else number
