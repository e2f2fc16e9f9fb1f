"""Reasons of the junk probability: rules that hold and the largest contributions of the trees."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector
from leadworth.compiled import ZERO, compiled
from models.junk_model import JunkModel
from models.rule_kernel import Addition, RuleTable
from models.scorecard import Scorecard

STRONGEST = 3
DIGITS = 6
_MINIMUM = 0.05

Describe = Callable[[str, float], str]


class JunkExplainer:
    """Junk reasons of one bundle.

    Parameters
    ----------
    model
        The junk model, or the scorecard of a bundle without one.
    names
        Names of the features.
    describe
        Returns a phrase for a feature and its value.

    Examples
    --------
    >>> from models.scorecard import ScorecardRule
    >>> card = Scorecard(-6.0, (ScorecardRule("urls", "above", 1.0, 3.0, id="links", sentence="Links"),))
    >>> explainer = JunkExplainer(card, ("urls",), lambda name, value: name)
    >>> columns, values, amounts = explainer.strongest(np.array([[2.0], [0.0]]))
    >>> columns[:, 0].tolist(), amounts[:, 0].tolist(), explainer.head(1, 2.0)
    ([1, -1], [3.0, 0.0], '{"kind": "junk", "code": "links", "text": "Links", "contribution": ')
    """

    def __init__(self, model: JunkModel | Scorecard, names: Sequence[str], describe: Describe) -> None:
        self._trees = model.trees if isinstance(model, JunkModel) else None
        self._slope = model.slope if isinstance(model, JunkModel) else 1.0
        card = model.rules if isinstance(model, JunkModel) else model
        self._rules = [rule for rule in card.rules if rule.is_available(names)]
        self._table = RuleTable.of(
            Addition(rule.comparisons(names), target, rule.log_odds) for target, rule in enumerate(self._rules)
        )
        self._names, self._describe = tuple(names), describe

    def strongest(self, matrix: Matrix) -> tuple[Indices, Matrix, Matrix]:
        """Return the reasons of each row, largest contribution first.

        Parameters
        ----------
        matrix
            Features, shape (rows, n_features).

        Returns
        -------
        Columns, -1 where there are fewer reasons, and n_features + i for rule i; values of the features, nan for rules;
        contributions to the log-odds. All of shape (rows, rules + 3).
        """
        matrix = np.ascontiguousarray(matrix, dtype=np.float64)
        rules = np.zeros((len(matrix), len(self._rules)))
        self._table.apply(matrix, rules)
        parts = np.zeros_like(matrix) if self._trees is None else self._trees.contributions(matrix)[1]
        columns, values, amounts = strongest_raising(matrix, rules, parts, STRONGEST, _MINIMUM)
        return columns, values, np.round(self._slope * amounts, DIGITS)

    def head(self, column: int, value: float) -> str:
        """Return a reason as JSON up to its number."""
        code, text = self._words(column, value)
        head = json.dumps({"kind": "junk", "code": code, "text": text}, ensure_ascii=False)
        return f'{head[:-1]}, "contribution": '

    def sentence(self, column: int, value: float) -> str:
        """Return a reason in words."""
        return self._words(column, value)[1]

    def _words(self, column: int, value: float) -> tuple[str, str]:
        if column >= len(self._names):
            rule = self._rules[column - len(self._names)]
            return rule.id, rule.sentence
        code = self._names[column]
        return code, f"{self._describe(code, value)} (raises the junk probability)"


@compiled
def strongest_raising(
    matrix: Matrix, rules: Matrix, parts: Matrix, most: int, minimum: float
) -> tuple[Indices, Matrix, Matrix]:
    """Return the rules and the columns with the largest contributions, in descending order; of equal ones the first.

    Parameters
    ----------
    matrix
        Features, shape (rows, n_features).
    rules
        Contributions of the rules, shape (rows, n_rules).
    parts
        Contributions of the columns, shape (rows, n_features).
    most
        Number of columns to return; all rules are returned.
    minimum
        Contributions of at most this are skipped.

    Returns
    -------
    As `JunkExplainer.strongest`; shapes (rows, n_rules + most).
    """
    rows, n_rules = rules.shape
    n_features = matrix.shape[1]
    width = n_rules + most
    columns = np.full((rows, width), -1, dtype=np.int64)
    values = np.full((rows, width), np.nan)
    amounts = np.zeros((rows, width))
    chosen = np.empty(most, dtype=np.int64)
    weights = np.empty(most)
    for row in range(rows):
        size = ZERO
        for rule in range(n_rules):
            if rules[row, rule] > minimum:
                _insert(columns[row], amounts[row], size, n_features + rule, rules[row, rule])
                size += 1
        count = 0
        for column in range(n_features):
            amount = parts[row, column]
            if amount > minimum and (count < most or amount > weights[most - 1]):
                count = min(count + 1, most)
                _insert(chosen, weights, count - 1, column, amount)
        for rank in range(count):
            _insert(columns[row], amounts[row], size, chosen[rank], weights[rank])
            size += 1
        for rank in range(size):
            if columns[row, rank] < n_features:
                values[row, rank] = matrix[row, columns[row, rank]]
    return columns, values, amounts


@compiled
def _insert(columns: Indices, amounts: Vector, end: int, column: int, amount: float) -> None:
    """Insert into the first `end` amounts, which descend, behind equal ones; what was at `end` is dropped."""
    rank = end
    while rank > 0 and amount > amounts[rank - 1]:
        columns[rank] = columns[rank - 1]
        amounts[rank] = amounts[rank - 1]
        rank -= 1
    columns[rank] = column
    amounts[rank] = amount
