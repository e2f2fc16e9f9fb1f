"""Why a lead is probably junk: the rules that hold, and the strongest contributions of the trees."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from models.base import Matrix
from models.junk import Junk
from models.rule_kernel import Addition, RuleTable
from models.scorecard import Scorecard

STRONGEST = 3
DIGITS = 6
REMEMBERED = 10_000
"""Sentences kept in memory."""
_LEAST = 0.05

Describe = Callable[[str, float], str]


class JunkExplainer:
    """Makes the reasons of the junk probability for one bundle.

    Parameters
    ----------
    model
        The junk model, or the scorecard used in its place.
    names
        Features, in the order of a row.
    describe
        Turns a feature and its value into plain words.

    Examples
    --------
    >>> from models.scorecard import Rule
    >>> card = Scorecard(-6.0, (Rule("urls", "above", 1.0, 3.0, id="links", sentence="It carries links"),))
    >>> JunkExplainer(card, ("urls",), lambda name, value: name).texts(np.array([[2.0], [0.0]]))
    [['{"kind": "junk", "code": "links", "text": "It carries links", "contribution": 3.0}'], []]
    """

    def __init__(self, model: Junk | Scorecard, names: Sequence[str], describe: Describe) -> None:
        self._trees = model.trees if isinstance(model, Junk) else None
        self._slope = model.slope if isinstance(model, Junk) else 1.0
        card = model.rules if isinstance(model, Junk) else model
        self._rules = [rule for rule in card.rules if rule.known(names)]
        self._table = RuleTable.of(
            Addition(rule.comparisons(names), place, rule.log_odds) for place, rule in enumerate(self._rules)
        )
        self._names, self._describe = tuple(names), describe
        self._head_of = lru_cache(maxsize=REMEMBERED)(self._head)

    def texts(self, matrix: Matrix) -> list[list[str]]:
        """Return the reasons of each row as JSON objects, the strongest first.

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
        order = np.argsort(-amounts, axis=1, kind="stable")[:, : int((amounts > _LEAST).sum(axis=1).max(initial=0))]
        columns = np.take_along_axis(columns, order, axis=1)
        amounts = np.take_along_axis(amounts, order, axis=1)
        values = np.take_along_axis(matrix, np.maximum(columns, 0), axis=1)
        values[columns < 0] = np.nan
        return [
            [
                f"{self._head_of(place, value if value == value else None)}"  # noqa: PLR0124 - nan is no key
                f"{round(self._slope * amount, DIGITS)!r}}}"
                for place, value, amount in zip(*row, strict=True)
                if amount > _LEAST
            ]
            for row in zip(columns.tolist(), values.tolist(), amounts.tolist(), strict=True)
        ]

    def _head(self, place: int, value: float | None) -> str:
        """Return a reason without its number; negative places are those of rules, counted from the last."""
        if place < 0:
            rule = self._rules[place]
            code, text = rule.id, rule.sentence
        else:
            code = self._names[place]
            described = self._describe(code, float("nan") if value is None else value)
            text = f"{described} (raises the junk probability)"
        head = json.dumps({"kind": "junk", "code": code, "text": text}, ensure_ascii=False)
        return f'{head[:-1]}, "contribution": '
