"""Turn the model's contributions into the few reasons that a person reads.

Shown are the baseline, the strongest contributions and "other", the sum of all the rest, so that
what is shown adds up to the log-odds of the win probability. The strongest are those of largest
size; of equal ones the first in the order of the spec.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np

from models.base import Matrix, Vector

STRONGEST = 5
DIGITS = 9
REMEMBERED = 10_000
"""Sentences remembered for one lead after the other."""
_LEAST = 1e-6
_quoted = json.encoder.encode_basestring

Describe = Callable[[str, float], str]
Texts = list[str]

TERMS = {"junk": "Chance that the lead is junk", "age": "Time that the lead has been open"}


class Explainer:
    """Makes reasons for one bundle.

    Parameters
    ----------
    names
        Features, in the order of the contributions.
    describe
        Turns a feature and its value into plain words.

    Examples
    --------
    >>> explainer = Explainer(("email_free", "visits"), lambda name, value: f"{name} is {value:g}")
    >>> reasons = explainer.one([1.0, 3.0], -2.0, np.array([-0.5, 0.25]), {"junk": -0.125})
    >>> [(reason["code"], reason["contribution"]) for reason in map(json.loads, reasons)]
    [('baseline', -2.0), ('email_free', -0.5), ('visits', 0.25), ('junk', -0.125), ('other', 0.0)]
    >>> json.loads(reasons[1])["text"]
    'email_free is 1 (lowers the win probability)'
    """

    def __init__(self, names: Sequence[str], describe: Describe) -> None:
        self._names, self._describe = tuple(names), describe
        self._head_of = lru_cache(maxsize=REMEMBERED)(self._head)

    def one(self, vector: Sequence[float], baseline: float, contributions: Vector, terms: Mapping[str, float]) -> Texts:
        """Return the reasons of one lead as JSON objects, `vector` and `contributions` of shape (n_features,)."""
        names, features = (*self._names, *terms), len(self._names)
        parts = [*contributions.tolist(), *terms.values()]
        other = sum(parts)
        strongest = sorted([(-abs(part), place) for place, part in enumerate(parts) if not -_LEAST <= part <= _LEAST])
        reasons = [f"{_BASELINE}{round(baseline, DIGITS)!r}}}"]
        for _, place in strongest[:STRONGEST]:
            part = parts[place]
            other -= part
            value = vector[place] if place < features else None
            known = value if value == value else None  # noqa: PLR0124 - nan would never be found again
            reasons.append(f"{self._head_of(names[place], known, part > 0)}{round(part, DIGITS)!r}}}")
        reasons.append(f"{_OTHER}{round(other, DIGITS)!r}}}")
        return reasons

    def many(self, matrix: Matrix, baseline: Vector, contributions: Matrix, terms: Mapping[str, Vector]) -> list[Texts]:
        """Return the reasons of each row as JSON objects, in the order of `one`."""
        parts = np.column_stack([contributions, *terms.values()])
        names, features = (*self._names, *terms), len(self._names)
        strongest = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :STRONGEST]
        taken = np.take_along_axis(parts, strongest, axis=1)
        taken[np.abs(taken) <= _LEAST] = 0.0
        other = parts.sum(axis=1) - taken.sum(axis=1)
        inputs = np.take_along_axis(matrix, np.minimum(strongest, features - 1), axis=1)
        inputs[strongest >= features] = np.nan
        heads: dict[tuple[int, float | None, bool], str] = {}
        rows = []
        columns = (np.round(array, DIGITS).tolist() for array in (baseline, taken, other))
        for start, amounts, rest, places, values in zip(*columns, strongest.tolist(), inputs.tolist(), strict=True):
            row = [f"{_BASELINE}{start!r}}}"]
            for place, amount, value in zip(places, amounts, values, strict=True):
                if not amount:
                    break
                key = (place, value if value == value else None, amount > 0)  # noqa: PLR0124 - nan is no key
                head = heads.get(key)
                if head is None:
                    head = heads[key] = self._head(names[place], *key[1:])
                row.append(f"{head}{amount!r}}}")
            row.append(f"{_OTHER}{rest!r}}}")
            rows.append(row)
        return rows

    def _head(self, code: str, value: float | None, raises: bool) -> str:
        what = TERMS.get(code) or self._describe(code, math.nan if value is None else value)
        return _head(code, f"{what} ({'raises' if raises else 'lowers'} the win probability)")


def rule_json(code: str, text: str) -> str:
    """Return what a rule said, as a JSON object."""
    return json.dumps({"kind": "rule", "code": code, "text": text, "contribution": None}, ensure_ascii=False)


def _head(code: str, text: str) -> str:
    return f'{{"kind": "model", "code": {_quoted(code)}, "text": {_quoted(text)}, "contribution": '


_BASELINE = _head("baseline", "Where every lead starts")
_OTHER = _head("other", "Everything else together")
