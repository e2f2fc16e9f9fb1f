"""Rule scorecard: a base and rules whose log-odds add up, read from a TOML file.

A rule adds its log-odds if all of its comparisons hold. A rule whose feature is missing, in the lead or in the feature
spec, adds nothing.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal, Self

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector
from leadworth.errors import ConfigurationError
from models.log_odds import sigmoid
from models.rule_kernel import Addition, Comparison, RuleTable

_ROWS_AT_ONCE = 25_000


@dataclass(frozen=True)
class FeatureComparison:
    """A comparison of one feature; false for nan."""

    feature: str
    compare: Literal["above", "below", "is"]
    value: float


@dataclass(frozen=True)
class ScorecardRule:
    """A rule of a scorecard.

    Attributes
    ----------
    feature, compare, value
        The first comparison.
    log_odds
        Weight of the rule.
    also
        Further comparisons.
    id, sentence
        Code and text of the rule in reasons; empty for a rule that is not shown.
    family
        Name of the evidence; rules of different families are independent evidence.
    most
        Largest weight that training may give a weak sign; None for a rule that is sufficient alone.
    """

    feature: str
    compare: Literal["above", "below", "is"]
    value: float
    log_odds: float
    also: tuple[FeatureComparison, ...] = ()
    id: str = ""
    sentence: str = ""
    family: str = ""
    most: float | None = None

    @cached_property
    def conditions(self) -> tuple[FeatureComparison, ...]:
        """All comparisons of the rule."""
        return (FeatureComparison(self.feature, self.compare, self.value), *self.also)

    def is_available(self, names: Sequence[str]) -> bool:
        """Return whether all features of the rule are among `names`."""
        return all(condition.feature in names for condition in self.conditions)

    def comparisons(self, names: Sequence[str]) -> list[Comparison]:
        """Return the comparisons by column, for columns called `names`; the rule must be available."""
        return [Comparison(names.index(c.feature), c.compare, c.value) for c in self.conditions]


@dataclass(frozen=True)
class Scorecard:
    """A base and rules.

    Attributes
    ----------
    base_log_odds
        Log-odds of a lead on which no rule holds.
    rules
        The rules.
    rules_only
        Features that no other part of a model may use.

    Examples
    --------
    >>> card = Scorecard(-3.0, (ScorecardRule("form_webdriver", "is", 1.0, 4.0),))
    >>> card.probability(np.array([[1.0], [np.nan]]), ("form_webdriver",)).round(3).tolist()
    [0.731, 0.047]
    """

    base_log_odds: float
    rules: tuple[ScorecardRule, ...]
    rules_only: tuple[str, ...] = ()

    def additions(self, names: Sequence[str], target: int = 0) -> Iterator[Addition]:
        """Yield the available rules as additions of their log-odds to one column, without the base."""
        for rule in self.rules:
            if rule.is_available(names):
                yield Addition(rule.comparisons(names), target, rule.log_odds)

    def log_odds(self, matrix: Matrix, names: Sequence[str]) -> Vector:
        """Return the log-odds of each row, shape (rows,)."""
        total = np.zeros((len(matrix), 1))
        RuleTable.of(self.additions(names)).apply(np.ascontiguousarray(matrix, dtype=np.float64), total)
        return self.base_log_odds + total[:, 0]

    def holds(self, matrix: Matrix, names: Sequence[str], rows: Indices | None = None) -> Flags:
        """Return which rules hold in which rows, shape (rows, rules); False for rules that are not available.

        Parameters
        ----------
        matrix, names
            Features, shape (n, n_features), and their names.
        rows
            Row numbers; None: all rows.

        Examples
        --------
        >>> rule = ScorecardRule("urls", "above", 0.0, 2.0, also=(FeatureComparison("free", "is", 1.0),))
        >>> matrix = np.array([[1.0, 1.0], [1.0, np.nan]])
        >>> Scorecard(0.0, (rule,)).holds(matrix, ("urls", "free")).tolist()
        [[True], [False]]
        """
        available = [(target, rule) for target, rule in enumerate(self.rules) if rule.is_available(names)]
        table = RuleTable.of(Addition(rule.comparisons(names), target) for target, rule in available)
        size = len(matrix) if rows is None else len(rows)
        holds = np.zeros((size, len(self.rules)), dtype=bool)
        for begin in range(0, size, _ROWS_AT_ONCE):
            part = slice(begin, begin + _ROWS_AT_ONCE)
            features = np.ascontiguousarray(matrix[part] if rows is None else matrix[rows[part]], dtype=np.float64)
            counts = np.zeros((len(features), len(self.rules)))
            table.apply(features, counts)
            holds[part] = counts > 0.0
        return holds

    def families(self, matrix: Matrix, names: Sequence[str]) -> Indices:
        """Return the number of families with a rule that holds, shape (rows,).

        Examples
        --------
        >>> names = zip("abc", "xxy", strict=True)
        >>> rules = [ScorecardRule(name, "is", 1.0, 1.0, family=family) for name, family in names]
        >>> Scorecard(0.0, tuple(rules)).families(np.array([[1, 1, 0], [0, 1, 1]]), ("a", "b", "c")).tolist()
        [1, 2]
        """
        holds = self.holds(matrix, names)
        count = np.zeros(len(matrix), dtype=np.int64)
        for family in dict.fromkeys(rule.family for rule in self.rules if rule.family):
            own = [number for number, rule in enumerate(self.rules) if rule.family == family]
            count += holds[:, own].any(axis=1)
        return count

    def without(self, ids: Collection[str]) -> Self:
        """Return the card without some rules.

        Examples
        --------
        >>> card = Scorecard(-3.0, (ScorecardRule("urls", "above", 1.0, 3.0, id="links"),))
        >>> card.without({"links"}).rules
        ()
        """
        return replace(self, rules=tuple(rule for rule in self.rules if rule.id not in ids))

    def probability(self, matrix: Matrix, names: Sequence[str]) -> Vector:
        """Return the probability of each row, shape (rows,)."""
        return sigmoid(self.log_odds(matrix, names))

    def to_json(self) -> str:
        """Return the scorecard as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Parse the result of `to_json`."""
        return cls._of(json.loads(text))

    @classmethod
    def shipped(cls, name: str) -> Self:
        """Read `models/<name>.toml`.

        Raises
        ------
        ConfigurationError
            If the file is not a scorecard.
        """
        return cls._of(tomllib.loads(files("models").joinpath(f"{name}.toml").read_text(encoding="utf-8")), name)

    @classmethod
    def _of(cls, content: dict[str, Any], name: str = "scorecard") -> Self:
        try:
            rules = tuple(_rule(rule) for rule in content["rules"])
            return cls(float(content["base_log_odds"]), rules, tuple(content.get("rules_only", ())))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"models/{name}.toml is not a scorecard: {error}",
                allowed="base_log_odds; rules_only; "
                "[[rules]] with feature, compare, value, log_odds (also, id, sentence, family, most)",
                do="correct the rule",
            ) from error


def _rule(content: dict[str, Any]) -> ScorecardRule:
    return ScorecardRule(
        **{**content, "also": tuple(FeatureComparison(**question) for question in content.get("also", ()))}
    )


class SignCheck:
    """Check whether the rules that hold are sufficient to reject a lead; compiled for one scorecard.

    Parameters
    ----------
    card
        The scorecard.
    names
        Names of the features.

    Examples
    --------
    >>> weak, other = (ScorecardRule(name, "is", 1.0, 1.0, family=name, most=1.5) for name in "ab")
    >>> check = SignCheck(Scorecard(-6.0, (weak, other, ScorecardRule("c", "is", 1.0, 4.0))), ("a", "b", "c"))
    >>> check.sufficient(np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])).tolist()
    [False, False, True, True]
    """

    def __init__(self, card: Scorecard, names: Sequence[str]) -> None:
        available = [rule for rule in card.rules if rule.is_available(names)]
        families = list(dict.fromkeys(rule.family for rule in available if rule.most is not None))
        self._columns = 1 + len(families)
        self._table = RuleTable.of(
            Addition(rule.comparisons(names), 0 if rule.most is None else 1 + families.index(rule.family))
            for rule in available
        )

    def sufficient(self, matrix: Matrix) -> Flags:
        """Return where a rule holds that is no weak sign, or weak signs of two families, shape (rows,)."""
        counts = np.zeros((len(matrix), self._columns))
        self._table.apply(np.ascontiguousarray(matrix, dtype=np.float64), counts)
        return np.asarray((counts[:, 0] > 0.0) | ((counts[:, 1:] > 0.0).sum(axis=1) >= 2))
