"""Reasons of a score: baseline, largest contributions and the sum of all others, as JSON or as a short text.

The contributions add up to the log-odds of the win probability. The largest are those with the largest absolute
value; of equal ones the first in the order of the feature spec.
"""

from __future__ import annotations

import json
import math
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
DIGITS = 9
CACHE_SIZE = 10_000
"""Descriptions of features and values in memory."""
_MINIMUM = 1e-6
_quoted = json.JSONEncoder(ensure_ascii=False).encode

Describe = Callable[[str, float], str]
Texts = list[str]

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
    """Formatter of the reasons of one bundle as JSON.

    Parameters
    ----------
    names
        Features and terms, in the order of the contributions.
    describe
        Returns a phrase for a feature and its value.

    Examples
    --------
    >>> explainer = Explainer(("email_free", "visits", "junk"), lambda name, value: f"{name} is {value:g}")
    >>> reasons = Reasons.of(np.array([[1.0, 3.0]]), -2.0, np.array([[-0.5, 0.25, -0.125]]))
    >>> [texts] = explainer.texts(reasons)
    >>> [(reason["code"], reason["contribution"]) for reason in map(json.loads, texts)]
    [('baseline', -2.0), ('email_free', -0.5), ('visits', 0.25), ('junk', -0.125), ('other', 0.0)]
    >>> json.loads(texts[1])["text"]
    'email_free is 1 (lowers the win probability)'
    >>> explainer.phrases(reasons)
    [['email_free is 1 (-)', 'visits is 3 (+)', 'Junk probability (-)']]
    """

    def __init__(self, names: Sequence[str], describe: Describe) -> None:
        self._names, self._describe = tuple(names), describe
        self._head_of = lru_cache(maxsize=CACHE_SIZE)(self._head)
        self._phrase_of = lru_cache(maxsize=CACHE_SIZE)(self._short)

    def phrases(self, reasons: Reasons) -> list[Texts]:
        """Return the three largest contributions of each score in plain words, with + if it raises the probability."""
        phrase_of = self._phrase_of
        columns = [part[:, :PHRASES].tolist() for part in (reasons.columns, reasons.values, reasons.contributions)]
        return [
            [
                phrase_of(index, value if value == value else None, amount > 0)  # noqa: PLR0124 - nan is no cache key
                for index, value, amount in zip(*row, strict=True)
                if index >= 0
            ]
            for row in zip(*columns, strict=True)
        ]

    def texts(self, reasons: Reasons) -> list[Texts]:
        """Return the reasons of each score as JSON objects."""
        head_of = self._head_of
        start = f"{_BASELINE}{round(reasons.baseline, DIGITS)!r}}}"
        contributions, others = np.round(reasons.contributions, DIGITS), np.round(reasons.other, DIGITS)
        columns = reasons.columns.tolist(), reasons.values.tolist(), contributions.tolist(), others.tolist()
        rows = []
        for indices, values, amounts, other in zip(*columns, strict=True):
            row = [start]
            for index, value, amount in zip(indices, values, amounts, strict=True):
                if index < 0:
                    break
                key = value if value == value else None  # noqa: PLR0124 - nan is not equal to itself as a cache key
                row.append(f"{head_of(index, key, amount > 0)}{amount!r}}}")
            row.append(f"{_OTHER}{other!r}}}")
            rows.append(row)
        return rows

    def _head(self, index: int, value: float | None, raises: bool) -> str:
        """Return a reason up to its number."""
        return _head(
            self._names[index], f"{self._phrase(index, value)} ({'raises' if raises else 'lowers'} the win probability)"
        )

    def _short(self, index: int, value: float | None, raises: bool) -> str:
        return f"{shortened(self._phrase(index, value))} ({'+' if raises else '-'})"

    def _phrase(self, index: int, value: float | None) -> str:
        code = self._names[index]
        return TERMS.get(code) or self._describe(code, math.nan if value is None else value)


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


def rule_json(code: str, text: str) -> str:
    """Return a rule that holds, as a JSON object."""
    return json.dumps({"kind": "rule", "code": code, "text": text, "contribution": None}, ensure_ascii=False)


def _head(code: str, text: str) -> str:
    return f'{{"kind": "model", "code": {_quoted(code)}, "text": {_quoted(text)}, "contribution": '


_BASELINE = _head("baseline", "Baseline")
_OTHER = _head("other", "All other contributions")
