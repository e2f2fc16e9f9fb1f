"""A rule scorecard: log-odds that add up, read from a data file.

A rule names a feature, a comparison and the log-odds that it adds. A rule whose feature is missing,
for this lead or in this model, adds nothing.
"""

from __future__ import annotations

import json
import operator
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Literal, Self

import numpy as np

from leadworth.errors import ConfigurationError
from models.base import Matrix, Vector, sigmoid

_COMPARE: dict[str, Callable[[Any, float], Any]] = {"above": operator.gt, "below": operator.lt, "is": operator.eq}


@dataclass(frozen=True)
class Rule:
    """One line of a scorecard."""

    feature: str
    compare: Literal["above", "below", "is"]
    value: float
    log_odds: float

    def holds(self, column: Vector) -> np.ndarray:
        """Return where the rule holds, shape (rows,)."""
        return np.asarray(_COMPARE[self.compare](column, self.value))


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
            if rule.feature in names:
                total += rule.log_odds * rule.holds(matrix[:, names.index(rule.feature)])
        return total

    def single(self, names: Sequence[str]) -> Callable[[Sequence[float]], float]:
        """Return the card as a function of one row that gives its log-odds."""
        base = self.base_log_odds
        rules = [
            (names.index(rule.feature), _COMPARE[rule.compare], rule.value, rule.log_odds)
            for rule in self.rules
            if rule.feature in names
        ]
        return lambda row: base + sum([adds for place, compare, value, adds in rules if compare(row[place], value)])

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
    def _of(cls, content: dict[str, object], name: str = "scorecard") -> Self:
        try:
            base = float(content["base_log_odds"])  # type: ignore[arg-type]
            rules = tuple(Rule(**rule) for rule in content["rules"])  # type: ignore[attr-defined]
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"models/{name}.toml is not a scorecard: {error}",
                allowed="base_log_odds and [[rules]] with feature, compare, value, log_odds",
                do="correct the rule",
            ) from error
        return cls(base, rules)
