"""Conditions of the decision policy."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadworth import values
from leadworth.records import Lead
from models.rule_kernel import Compare

Kind = Literal["field", "feature", "score", "check"]
SCORES = ("win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability")
CHECKS = ("test_address", "own_domain", "bulk_import", "own_submit", "automated")


def _text(value: object) -> str | None:
    return values.text(float(value) if isinstance(value, bool) else value)


class Condition(BaseModel):
    """A condition of the policy: a comparison of one number; it fails where the number is missing.

    Text fields are turned into numbers by `encode`.

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
    def _one_thing_one_question(self) -> Self:
        things = [name for name in ("field", "feature", "score", "check") if getattr(self, name) is not None]
        if len(things) != 1:
            raise ValueError("a condition looks at exactly one of field, feature, score, check")
        questions = self._questions
        if len(questions) != (0 if things == ["check"] else 1):
            raise ValueError("a condition asks exactly one of filled, is, at_least, at_most, any_of (a check none)")
        if things != ["field"] and questions and questions[0] in {"filled", "any_of"}:
            raise ValueError(f"{questions[0]} is a question about a field, not about a {things[0]}")
        self._known_name()
        return self

    @property
    def _questions(self) -> list[str]:
        names = ("filled", "equals", "at_least", "at_most", "any_of")
        return [name for name in names if getattr(self, name) is not None]

    def _known_name(self) -> None:
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
        """What sort of thing is looked at."""
        if self.field is not None:
            return "field"
        if self.feature is not None:
            return "feature"
        return "score" if self.score is not None else "check"

    @cached_property
    def name(self) -> str:
        """Name of the thing looked at."""
        return self.field or self.feature or self.score or self.check or ""

    @property
    def comparison(self) -> tuple[Compare, float]:
        """The comparison with the number of a feature, score or check, or with what `encode` returns."""
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
        """Return the value of a field as a number: nan where it is missing; 1 or 0 for filled and any_of."""
        if self.filled is not None:
            return float(_text(value) is not None)
        if self.any_of is not None:
            written = _text(value)
            return float(written is not None and written.casefold() in self._words)
        number = values.number(value)
        return math.nan if number is None else number
