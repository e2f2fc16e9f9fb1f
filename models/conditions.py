"""One question about one thing that is known of a lead: the smallest part of the policy."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import attrgetter
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadworth import values
from leadworth.records import Lead, fields_of

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

Kind = Literal["field", "feature", "score", "check"]
SCORES = ("win_probability", "expected_revenue", "predicted_value", "junk_probability", "automation_probability")
_NUMERIC = frozenset(fields_of("number") + fields_of("flag") + fields_of("consent"))
CHECKS = ("test_address", "own_domain", "bulk_import", "own_submit", "automated")


@dataclass(slots=True)
class LeadFacts:
    """What is known of one lead: its fields, its features, and the model's numbers and checks by name."""

    lead: Lead
    vector: Sequence[float]
    numbers: dict[str, float]
    checks: dict[str, bool] = field(default_factory=dict)


Question = Callable[[LeadFacts], bool]
"""A condition, with all settled that can be before a lead is seen."""


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
    >>> facts, index = LeadFacts(Lead(company="Acme", employees=3), [0.0], {}), {"email_free": 0}
    >>> Condition(field="company", filled=True).question(index)(facts)
    True
    >>> Condition(field="employees", at_least=10).question(index)(facts)
    False
    >>> Condition.model_validate({"feature": "email_free", "is": 0}).question(index)(facts)
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

    def question(self, index: Mapping[str, int]) -> Question:
        """Return the condition as a question about one lead.

        Parameters
        ----------
        index
            Position of each feature in a vector; of one that is not there nothing is known.
        """
        name, compare = self.name, self._comparison
        if self.field is not None:
            return self._field_question()
        if self.check is not None:
            return lambda facts: facts.checks.get(name, False)
        if self.feature is None:
            return lambda facts: compare(facts.numbers[name])
        place = index.get(name)
        return (lambda _: False) if place is None else lambda facts: compare(facts.vector[place])

    def _field_question(self) -> Question:
        name, filled, compare, answer = self.name, self.filled, self._comparison, self._answer
        if name.startswith("extras."):
            column = name.removeprefix("extras.")
            return lambda facts: answer(facts.lead.extras.get(column))
        read = attrgetter(name)
        if filled is not None:
            return lambda facts: (read(facts.lead) is not None) is filled
        if self.any_of is None and name in _NUMERIC:
            return lambda facts: (value := read(facts.lead)) is not None and compare(value)
        return lambda facts: (value := read(facts.lead)) is not None and answer(value)

    @property
    def _comparison(self) -> Callable[[float], bool]:
        """Compare a number with the one written; nan answers no."""
        if self.at_least is not None:
            return partial(operator.le, self.at_least)
        if self.at_most is not None:
            return partial(operator.ge, self.at_most)
        return partial(operator.eq, 1.0 if self.equals is None else self.equals)

    def _answer(self, value: object) -> bool:
        if value is None or self.filled is not None or self.any_of is not None:
            written = _text(value)
            if self.filled is not None:
                return (written is not None) == self.filled
            return written is not None and written.casefold() in self._words
        number = values.number(value)
        return number is not None and self._comparison(number)

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
