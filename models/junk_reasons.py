"""Reasons of the junk probability: rules that hold and the largest contributions of the trees, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from leadworth.arrays import Matrix
from models.junk_model import JunkModel
from models.rule_kernel import Addition, RuleTable
from models.scorecard import Scorecard

STRONGEST = 3
DIGITS = 6
CACHE_SIZE = 10_000
"""Descriptions of features and values in memory."""
_MINIMUM = 0.05

Describe = Callable[[str, float], str]


class JunkExplainer:
    """Formatter of the junk reasons of one bundle as JSON.

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
    >>> JunkExplainer(card, ("urls",), lambda name, value: name).texts(np.array([[2.0], [0.0]]))
    [['{"kind": "junk", "code": "links", "text": "Links", "contribution": 3.0}'], []]
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
        self._head_of = lru_cache(maxsize=CACHE_SIZE)(self._head)

    def texts(self, matrix: Matrix) -> list[list[str]]:
        """Return the reasons of each row as JSON objects, largest contribution first.

        Parameters
        ----------
        matrix
            Features, shape (rows, n_features).
        """
        amounts = np.zeros((len(matrix), len(self._rules)))
        self._table.apply(np.ascontiguousarray(matrix, dtype=np.float64), amounts)
        columns = np.tile(np.arange(-len(self._rules), 0), (len(matrix), 1))
        if self._trees is not None:
            _, parts = self._trees.contributions(matrix)
            order = np.argsort(-parts, axis=1, kind="stable")[:, :STRONGEST]
            amounts = np.column_stack([amounts, np.take_along_axis(parts, order, axis=1)])
            columns = np.column_stack([columns, order])
        order = np.argsort(-amounts, axis=1, kind="stable")[:, : int((amounts > _MINIMUM).sum(axis=1).max(initial=0))]
        columns = np.take_along_axis(columns, order, axis=1)
        amounts = np.take_along_axis(amounts, order, axis=1)
        values = np.take_along_axis(matrix, np.maximum(columns, 0), axis=1)
        values[columns < 0] = np.nan
        return [
            [
                f"{self._head_of(column, value if value == value else None)}"  # noqa: PLR0124 - nan is no cache key
                f"{round(self._slope * amount, DIGITS)!r}}}"
                for column, value, amount in zip(*row, strict=True)
                if amount > _MINIMUM
            ]
            for row in zip(columns.tolist(), values.tolist(), amounts.tolist(), strict=True)
        ]

    def _head(self, column: int, value: float | None) -> str:
        """Return a reason up to its number; a negative column is the index of a rule."""
        if column < 0:
            rule = self._rules[column]
            code, text = rule.id, rule.sentence
        else:
            code = self._names[column]
            described = self._describe(code, float("nan") if value is None else value)
            text = f"{described} (raises the junk probability)"
        head = json.dumps({"kind": "junk", "code": code, "text": text}, ensure_ascii=False)
        return f'{head[:-1]}, "contribution": '
