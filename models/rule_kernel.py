"""Compiled rules: conjunctions of comparisons that add an amount to a column of a matrix.

Scorecards and the decision policy are compiled to these rules. Rules are applied in order, row by row. If the output
is the input matrix, a rule can depend on the columns that earlier rules have set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Matrix
from leadworth.compiled import compiled

Compare = Literal["above", "below", "is", "at_least", "at_most"]
Records = NDArray[np.void]

CONDITION = np.dtype([("column", np.int64), ("compare", np.int64), ("value", np.float64)], align=True)
RULE = np.dtype([("start", np.int64), ("end", np.int64), ("target", np.int64), ("amount", np.float64)], align=True)

_ABOVE, _BELOW, _IS, _AT_LEAST = range(4)
_CODES: dict[Compare, int] = {"above": _ABOVE, "below": _BELOW, "is": _IS, "at_least": _AT_LEAST, "at_most": 4}


class Comparison(NamedTuple):
    """A comparison of one column with a number; false for nan."""

    column: int
    compare: Compare
    value: float


class Addition(NamedTuple):
    """A rule: if all comparisons hold, `amount` is added to the column `target`."""

    when: Sequence[Comparison]
    target: int
    amount: float = 1.0


@dataclass(frozen=True)
class RuleTable:
    """Rules as arrays; see `CONDITION` and `RULE`.

    Examples
    --------
    >>> rules = RuleTable.of([Addition([Comparison(0, "above", 1.0)], target=0, amount=2.5)])
    >>> output = np.zeros((3, 1))
    >>> rules.apply(np.array([[1.0], [2.0], [np.nan]]), output)
    >>> output.ravel().tolist()
    [0.0, 2.5, 0.0]
    """

    conditions: Records
    rules: Records

    @classmethod
    def of(cls, additions: Iterable[Addition]) -> Self:
        """Compile rules."""
        conditions: list[tuple[int, int, float]] = []
        rules = []
        for when, target, amount in additions:
            start = len(conditions)
            conditions += [(column, _CODES[compare], value) for column, compare, value in when]
            rules.append((start, len(conditions), target, amount))
        return cls(np.array(conditions, dtype=CONDITION), np.array(rules, dtype=RULE))

    def apply(self, inputs: Matrix, output: Matrix) -> None:
        """Add the amounts of the rules that hold to the output.

        Parameters
        ----------
        inputs
            Shape (rows, columns).
        output
            Shape (rows, targets); may be `inputs`.
        """
        apply_rules(inputs, self.conditions, self.rules, output)


@compiled
def apply_rules(inputs: Matrix, conditions: Records, rules: Records, output: Matrix) -> None:
    """Add the amount of each rule to its column of the output, in the rows where it holds."""
    for row in range(len(inputs)):
        for rule in rules:
            holds = True
            for at in range(rule["start"], rule["end"]):
                condition = conditions[at]
                value = inputs[row, condition["column"]]
                compare = condition["compare"]
                if compare == _ABOVE:
                    holds = value > condition["value"]
                elif compare == _BELOW:
                    holds = value < condition["value"]
                elif compare == _IS:
                    holds = value == condition["value"]
                elif compare == _AT_LEAST:
                    holds = value >= condition["value"]
                else:
                    holds = value <= condition["value"]
                if not holds:
                    break
            if holds:
                output[row, rule["target"]] += rule["amount"]
