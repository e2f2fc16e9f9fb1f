"""One question about one thing that is known of a lead: the smallest part of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadworth import values
from leadworth.records import Lead

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

Kind = Literal["field", "feature", "score", "check"]
SCORES = ("win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability")
CHECKS = ("test_address", "own_domain", "bulk_import", "own_submit", "automated")


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What is known of one lead: its fields, its features, and the model's numbers and checks by name."""

    lead: Lead
    vector: Vector
    index: Mapping[str, int]
    numbers: dict[str, float]
    checks: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What is known of many leads: a lead table, its matrix, and arrays of numbers and checks by name."""

    table: pd.DataFrame
    matrix: NDArray[np.float64]
    index: Mapping[str, int]
    numbers: dict[str, Vector]
    checks: dict[str, Mask] = field(default_factory=dict)


def _text(value: object) -> str | None:
    return values.text(float(value) if isinstance(value, bool) else value)


class Condition(BaseModel):
    """A condition of the policy; a missing value answers no.

    Examples
    --------
    >>> facts = LeadFacts(Lead(company="Acme", employees=3), np.array([0.0]), {"email_free": 0}, {})
    >>> Condition(field="company", filled=True).holds(facts), Condition(field="employees", at_least=10).holds(facts)
    (True, False)
    >>> Condition.model_validate({"feature": "email_free", "is": 0}).holds(facts)
    True
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

    def holds(self, facts: LeadFacts) -> bool:
        """Answer for one lead."""
        value: object
        if self.field is not None:
            lead = facts.lead
            extra = self.field.startswith("extras.")
            value = lead.extras.get(self.field.removeprefix("extras.")) if extra else getattr(lead, self.field)
        elif self.feature is not None:
            place = facts.index.get(self.feature)
            value = None if place is None else float(facts.vector[place])
        else:
            value = (facts.numbers if self.check is None else facts.checks).get(self.name)
        return self._answer(value)

    def _answer(self, value: object) -> bool:
        if value is None or self.filled is not None or self.any_of is not None:
            written = _text(value)
            if self.filled is not None:
                return (written is not None) == self.filled
            return written is not None and written.casefold() in self._words
        number = values.number(value)
        if number is None:
            return False
        if self.at_least is not None:
            return number >= self.at_least
        if self.at_most is not None:
            return number <= self.at_most
        return number == (1.0 if self.equals is None else self.equals)

    def mask(self, facts: TableFacts) -> Mask:
        """Answer for every row of a table."""
        rows = len(facts.table)
        if self.field is not None:
            if self.field not in facts.table.columns:
                return np.full(rows, self.filled is False)
            return self._column_mask(facts.table[self.field])
        if self.check is not None:
            return facts.checks.get(self.check, np.zeros(rows, dtype=bool))
        if self.feature is not None:
            place = facts.index.get(self.feature)
            column = None if place is None else facts.matrix[:, place]
        else:
            column = facts.numbers.get(self.name)
        return np.zeros(rows, dtype=bool) if column is None else self._number_mask(column)

    def _column_mask(self, column: pd.Series) -> Mask:
        if self.filled is not None:
            return np.asarray(column.notna() if self.filled else column.isna(), dtype=bool)
        if self.any_of is None and pd.api.types.is_numeric_dtype(column):
            return self._number_mask(column.to_numpy(dtype=np.float64))
        codes, kinds = pd.factorize(column)
        answers = np.array([*(self._answer(kind) for kind in kinds), False])
        return answers[codes]

    def _number_mask(self, column: Vector) -> Mask:
        if self.at_least is not None:
            return np.asarray(column >= self.at_least)
        if self.at_most is not None:
            return np.asarray(column <= self.at_most)
        return np.asarray(column == (1.0 if self.equals is None else self.equals))
