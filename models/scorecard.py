"""A rule scorecard: log-odds that add up, read from a data file.

A rule asks one or more questions about features and names the log-odds that it adds where all answers
are yes. A rule whose feature is missing, for this lead or in this model, adds nothing.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from leadworth.errors import ConfigurationError
from models.base import Matrix, Vector, sigmoid
from models.rule_kernel import Addition, Comparison, RuleTable


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

    def comparisons(self, names: Sequence[str]) -> list[Comparison]:
        """Return the questions as comparisons of the columns called `names`; the rule must be known."""
        return [Comparison(names.index(asked.feature), asked.compare, asked.value) for asked in self.questions]


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

    def additions(self, names: Sequence[str], target: int = 0) -> Iterator[Addition]:
        """Yield the known rules, each adding its log-odds to one column; the base is not among them."""
        for rule in self.rules:
            if rule.known(names):
                yield Addition(rule.comparisons(names), target, rule.log_odds)

    def log_odds(self, matrix: Matrix, names: Sequence[str]) -> Vector:
        """Return the log-odds of each row, shape (rows,)."""
        total = np.zeros((len(matrix), 1))
        RuleTable.of(self.additions(names)).apply(np.ascontiguousarray(matrix, dtype=np.float64), total)
        return self.base_log_odds + total[:, 0]

    def holds(self, matrix: Matrix, names: Sequence[str]) -> NDArray[np.bool_]:
        """Return which rules hold on which rows, shape (rows, rules); nowhere those that are not known.

        Examples
        --------
        >>> rule = Rule("urls", "above", 0.0, 2.0, also=(Question("free", "is", 1.0),))
        >>> matrix = np.array([[1.0, 1.0], [1.0, np.nan]])
        >>> Scorecard(0.0, (rule,)).holds(matrix, ("urls", "free")).tolist()
        [[True], [False]]
        """
        known = [(place, rule) for place, rule in enumerate(self.rules) if rule.known(names)]
        table = RuleTable.of(Addition(rule.comparisons(names), place) for place, rule in known)
        counts = np.zeros((len(matrix), len(self.rules)))
        table.apply(np.ascontiguousarray(matrix, dtype=np.float64), counts)
        return counts > 0.0

    def families(self, matrix: Matrix, names: Sequence[str]) -> NDArray[np.int64]:
        """Return how many families of rules speak on each row, shape (rows,).

        Examples
        --------
        >>> rules = [Rule(name, "is", 1.0, 1.0, family=family) for name, family in zip("abc", "xxy", strict=True)]
        >>> Scorecard(0.0, tuple(rules)).families(np.array([[1, 1, 0], [0, 1, 1]]), ("a", "b", "c")).tolist()
        [1, 2]
        """
        holds = self.holds(matrix, names)
        count = np.zeros(len(matrix), dtype=np.int64)
        for family in dict.fromkeys(rule.family for rule in self.rules if rule.family):
            own = [place for place, rule in enumerate(self.rules) if rule.family == family]
            count += holds[:, own].any(axis=1)
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
