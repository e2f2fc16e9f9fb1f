"""Reasons of a score: the largest contributions and the sum of all others, and their words.

The contributions add up to the log-odds of the win probability. The largest are those with the largest absolute
value; of equal ones the first in the order of the feature spec.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector
from leadworth.compiled import compiled

STRONGEST = 5
PHRASES = 3
"""Reasons of a short text."""
PHRASE_LENGTH = 60
_MINIMUM = 1e-6
_quoted = json.JSONEncoder(ensure_ascii=False).encode

Describe = Callable[[str, float], str]

TERMS = {"junk": "Junk probability", "age": "Time since submit"}


@dataclass(frozen=True)
class Reasons:
    """Largest contributions of n scores.

    Attributes
    ----------
    baseline
        Log-odds of the mean training lead.
    columns
        Columns of the largest contributions, largest first, shape (n, 5); -1 where there are fewer.
    values
        Values of these features, shape (n, 5); nan where missing, and for terms that are not features.
    contributions
        Contributions to the log-odds, shape (n, 5).
    other
        Sum of the contributions of all other columns, shape (n,).
    """

    baseline: float
    columns: Indices
    values: Matrix
    contributions: Matrix
    other: Vector

    @classmethod
    def of(cls, matrix: Matrix, baseline: float, contributions: Matrix) -> Reasons:
        """Select the largest contributions.

        Parameters
        ----------
        matrix
            Features, shape (n, n_features).
        baseline
            Log-odds of the mean training lead.
        contributions
            Contributions of the features, then of the terms, shape (n, n_features + terms).
        """
        columns, values, amounts = strongest(matrix, contributions, STRONGEST, _MINIMUM)
        return cls(baseline, columns, values, amounts[:, :STRONGEST], amounts[:, STRONGEST])


class Explainer:
    """Words of the reasons of one bundle.

    Parameters
    ----------
    names
        Features and terms, in the order of the contributions.
    describe
        Returns a phrase for a feature and its value.

    Examples
    --------
    >>> explainer = Explainer(("email_free", "visits", "junk"), lambda name, value: f"{name} is {value:g}")
    >>> explainer.head(0, 1.0, raises=False)
    '{"kind": "model", "code": "email_free", "text": "email_free is 1 (lowers the win probability)", "contribution": '
    >>> explainer.short(1, 3.0, raises=True), explainer.short(2, 0.0, raises=False)
    ('visits is 3 (+)', 'Junk probability (-)')
    """

    def __init__(self, names: Sequence[str], describe: Describe) -> None:
        self._names, self._describe = tuple(names), describe

    def head(self, column: int, value: float, raises: bool) -> str:
        """Return the contribution of a column as JSON up to its number."""
        effect = "raises" if raises else "lowers"
        return _head(self._names[column], f"{self._phrase(column, value)} ({effect} the win probability)")

    def short(self, column: int, value: float, raises: bool) -> str:
        """Return the contribution of a column in plain words, with + if it raises the probability."""
        return f"{shortened(self._phrase(column, value))} ({'+' if raises else '-'})"

    def _phrase(self, column: int, value: float) -> str:
        code = self._names[column]
        return TERMS.get(code) or self._describe(code, value)


def shortened(text: str, longest: int = PHRASE_LENGTH) -> str:
    """Return a text of at most `longest` characters.

    Examples
    --------
    >>> shortened("Source: newsletter of March", 12)
    'Source: new…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@compiled
def strongest(matrix: Matrix, contributions: Matrix, count: int, minimum: float) -> tuple[Indices, Matrix, Matrix]:
    """Return the contributions with the largest absolute value, in descending order; of equal ones the first.

    Parameters
    ----------
    matrix
        Features, shape (rows, n_features).
    contributions
        Shape (rows, columns), the features first.
    count
        Number of contributions to return.
    minimum
        Contributions whose absolute value is at most this are skipped.

    Returns
    -------
    Columns, shape (rows, count), -1 where there are fewer; values of their features, shape (rows, count), nan for
    columns after the features; and the contributions with the sum of all others in the last column, shape
    (rows, count + 1).
    """
    rows, n_columns = contributions.shape
    n_features = matrix.shape[1]
    columns = np.full((rows, count), -1, dtype=np.int64)
    values = np.full((rows, count), np.nan)
    amounts = np.zeros((rows, count + 1))
    for row in range(rows):
        selected = 0
        other = 0.0
        for column in range(n_columns):
            amount = contributions[row, column]
            other += amount
            size = abs(amount)
            if size <= minimum or (selected == count and size <= abs(amounts[row, count - 1])):
                continue
            rank = selected if selected < count else count - 1
            while rank > 0 and size > abs(amounts[row, rank - 1]):
                amounts[row, rank] = amounts[row, rank - 1]
                columns[row, rank] = columns[row, rank - 1]
                rank -= 1
            amounts[row, rank] = amount
            columns[row, rank] = column
            selected = min(selected + 1, count)
        for rank in range(selected):
            other -= amounts[row, rank]
            if columns[row, rank] < n_features:
                values[row, rank] = matrix[row, columns[row, rank]]
        amounts[row, count] = other
    return columns, values, amounts


# One text takes 4 us; a policy has few rules, and a junk probability is shown in whole percent.
@lru_cache(maxsize=1_000)
def rule_json(code: str, text: str) -> str:
    """Return a rule that holds, as a JSON object."""
    return json.dumps({"kind": "rule", "code": code, "text": text, "contribution": None}, ensure_ascii=False)


def _head(code: str, text: str) -> str:
    return f'{{"kind": "model", "code": {_quoted(code)}, "text": {_quoted(text)}, "contribution": '


BASELINE = _head("baseline", "Baseline")
OTHER = _head("other", "All other contributions")
