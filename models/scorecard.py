"""A rule scorecard: log-odds that add up, read from a data file.

A rule asks one or more questions about features and names the log-odds that it adds where all answers
are yes. A rule whose feature is missing, for this lead or in this model, adds nothing.
"""

from __future__ import annotations

import json
import operator
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from leadworth.errors import ConfigurationError
from models.base import Matrix, Vector, sigmoid

_COMPARE: dict[str, Callable[[Any, float], Any]] = {"above": operator.gt, "below": operator.lt, "is": operator.eq}


@dataclass(frozen=True)
class Question:
    """A comparison of one feature; nan answers no."""

    feature: str
    compare: Literal["above", "below", "is"]
    value: float


@dataclass(frozen=True)
class Rule:
    """One line of a scorecard.

    Attributes
    ----------
    feature, compare, value
        The first question.
    log_odds
        What the rule adds.
    also
        Further questions, to be answered with yes as well.
    id, sentence
        Name of the rule and what it says to people; empty for one that is never shown.
    family
        Rules of one family see the same thing; those of two are independent evidence.
    """

    feature: str
    compare: Literal["above", "below", "is"]
    value: float
    log_odds: float
    also: tuple[Question, ...] = ()
    id: str = ""
    sentence: str = ""
    family: str = ""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions of the rule."""
        return (Question(self.feature, self.compare, self.value), *self.also)

    def known(self, names: Sequence[str]) -> bool:
        """Tell whether a model with these features can ask the rule."""
        return all(question.feature in names for question in self.questions)

    def holds(self, matrix: Matrix, names: Sequence[str]) -> NDArray[np.bool_]:
        """Return where the rule holds, shape (rows,); nowhere where it is not known.

        Examples
        --------
        >>> rule = Rule("urls", "above", 0.0, 2.0, also=(Question("free", "is", 1.0),))
        >>> rule.holds(np.array([[1.0, 1.0], [1.0, np.nan]]), ("urls", "free")).tolist()
        [True, False]
        """
        held = np.full(len(matrix), self.known(names))
        for asked in self.questions if self.known(names) else ():
            held &= np.asarray(_COMPARE[asked.compare](matrix[:, names.index(asked.feature)], asked.value))
        return held

    def single(self, names: Sequence[str]) -> Callable[[Sequence[float]], bool]:
        """Return the rule as a question about one row; the rule must be known."""
        first, *more = [(names.index(q.feature), _COMPARE[q.compare], q.value) for q in self.questions]
        place, compare, value = first
        if not more:
            return lambda row: bool(compare(row[place], value))
        return lambda row: bool(compare(row[place], value)) and all(c(row[p], v) for p, c, v in more)


@dataclass(frozen=True)
class Scorecard:
    """Rules over a base.

    Examples
    --------
    >>> card = Scorecard(-3.0, (Rule("form_webdriver", "is", 1.0, 4.0),))
    >>> card.probability(np.array([[1.0], [np.nan]]), ("form_webdriver",)).round(3).tolist()
    [0.731, 0.047]
    """

    base_log_odds: float
    rules: tuple[Rule, ...]

    def log_odds(self, matrix: Matrix, names: Sequence[str]) -> Vector:
        """Return the log-odds of each row, shape (rows,)."""
        total = np.full(len(matrix), self.base_log_odds)
        for rule in self.rules:
            total += rule.log_odds * rule.holds(matrix, names)
        return total

    def single(self, names: Sequence[str]) -> Callable[[Sequence[float]], float]:
        """Return the card as a function of one row that gives its log-odds."""
        base = self.base_log_odds
        rules = [(rule.single(names), rule.log_odds) for rule in self.rules if rule.known(names)]
        return lambda row: base + sum([adds for holds, adds in rules if holds(row)])

    def families(self, matrix: Matrix, names: Sequence[str]) -> NDArray[np.int64]:
        """Return how many families of rules speak on each row, shape (rows,).

        Examples
        --------
        >>> rules = [Rule(name, "is", 1.0, 1.0, family=family) for name, family in zip("abc", "xxy", strict=True)]
        >>> Scorecard(0.0, tuple(rules)).families(np.array([[1, 1, 0], [0, 1, 1]]), ("a", "b", "c")).tolist()
        [1, 2]
        """
        count = np.zeros(len(matrix), dtype=np.int64)
        for family in dict.fromkeys(rule.family for rule in self.rules if rule.family):
            own = [rule.holds(matrix, names) for rule in self.rules if rule.family == family]
            count += np.any(own, axis=0)
        return count

    def probability(self, matrix: Matrix, names: Sequence[str]) -> Vector:
        """Return the probability of each row, shape (rows,)."""
        return sigmoid(self.log_odds(matrix, names))

    def to_json(self) -> str:
        """Return the card as JSON."""
        return json.dumps({"base_log_odds": self.base_log_odds, "rules": [asdict(rule) for rule in self.rules]})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        return cls._of(json.loads(text))

    @classmethod
    def shipped(cls, name: str) -> Self:
        """Read `models/<name>.toml`.

        Raises
        ------
        ConfigurationError
            Where the file is not a scorecard.
        """
        return cls._of(tomllib.loads(files("models").joinpath(f"{name}.toml").read_text(encoding="utf-8")), name)

    @classmethod
    def _of(cls, content: dict[str, Any], name: str = "scorecard") -> Self:
        try:
            return cls(float(content["base_log_odds"]), tuple(_rule(rule) for rule in content["rules"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"models/{name}.toml is not a scorecard: {error}",
                allowed="base_log_odds; [[rules]] with feature, compare, value, log_odds (also, id, sentence, family)",
                do="correct the rule",
            ) from error


def _rule(content: dict[str, Any]) -> Rule:
    return Rule(**{**content, "also": tuple(Question(**question) for question in content.get("also", ()))})
