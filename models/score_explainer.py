"""Reasons of the scores of one bundle: rules of the policy, signs of junk, contributions of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from threading import Lock

import numpy as np

from features.feature_spec import FeatureSpec
from leadworth.arrays import Indices, Matrix
from leadworth.records import ReasonStyle
from models.junk_reasons import JunkExplainer
from models.phrase_table import PhraseTable
from models.policy_engine import RuleText
from models.reasons import BASELINE, OTHER, PHRASES, Explainer, Reasons, rule_json, shortened
from models.text_column import TextColumn
from models.text_kernel import ABSENT, merge
from models.value_model import TERMS, LeadValueModel

_OPENING, _SEPARATOR, _CLOSING, _BASELINE, _OTHER = range(5)
"""Ids of the fixed phrases of JSON; those of plain words are the first three."""
_ALL = 1_000
"""More reasons than a score has."""
_NO_IDS = np.zeros(0, dtype=np.int64)


class ScoreExplainer:
    """Formatter of all reasons of a score.

    Parameters
    ----------
    spec
        Feature spec.
    value_model
        The models.
    """

    def __init__(self, spec: FeatureSpec, value_model: LeadValueModel) -> None:
        self._baseline = value_model.baseline
        self._model = Explainer((*spec.names, *TERMS), spec.describe)
        self._junk = JunkExplainer(value_model.junk, spec.names, spec.describe)
        self._features = len(spec.names)
        self._junk_begin = self._features + len(TERMS)
        self._json = PhraseTable(self._json_head, ["[", ", ", "]", BASELINE, OTHER])
        self._words = PhraseTable(self._short, ["", "; ", ""])
        self._lock = Lock()

    def texts(
        self,
        matrix: Matrix,
        contributions: Matrix,
        suspects: Indices,
        rules: Mapping[int, Sequence[RuleText]],
        style: ReasonStyle,
    ) -> TextColumn:
        """Return the reasons of n scores.

        Parameters
        ----------
        matrix
            Features, shape (n, n_features).
        contributions
            Contributions of features and terms, shape (n, n_features + terms).
        suspects
            Rows for which reasons of the junk probability are given, ascending.
        rules
            Id and sentence of the rules that hold, by row.
        style
            JSON, the three main ones in plain words, or empty.
        """
        if style == "none":
            return TextColumn.blank(len(matrix))
        reasons = Reasons.of(matrix, self._baseline, contributions)
        # Of one type for any number of rows, so that one lead and a table use the same machine code.
        amounts, others = np.ascontiguousarray(reasons.contributions), np.ascontiguousarray(reasons.other)
        suspicions = self._junk.strongest(matrix[suspects]) if len(suspects) else None
        as_json = style == "json"
        table = self._json if as_json else self._words
        with self._lock:
            table.trim()
            junk = self._no_junk if suspicions is None else self._junk_items(table, suspects, *suspicions)
            model = table.find(reasons.columns, reasons.values, amounts), amounts
            if as_json:
                held = _lists(rules, len(matrix), lambda rule: table.text(rule_json(*rule)))
                items = merge(held, junk, model, (_BASELINE, _OTHER, self._baseline, others))
                return table.write(items, (_OPENING, _SEPARATOR, _CLOSING, _ALL))
            held = _lists(rules, len(matrix), lambda rule: table.text(shortened(rule[1])))
            begins, ids, numbers = merge(held, junk, model, (ABSENT, ABSENT, self._baseline, others))
            numbers[:] = np.nan
            return table.write((begins, ids, numbers), (_OPENING, _SEPARATOR, _CLOSING, PHRASES))

    @cached_property
    def _no_junk(self) -> tuple[Indices, Indices, Matrix]:
        """Result of `_junk_items` for no suspects; the first score compiles its loops."""
        return self._junk_items(self._json, _NO_IDS, *self._junk.strongest(np.zeros((0, self._features))))

    def _junk_items(
        self, table: PhraseTable, suspects: Indices, columns: Indices, values: Matrix, amounts: Matrix
    ) -> tuple[Indices, Indices, Matrix]:
        """Return the rows, phrases and numbers of the reasons of junk, for `merge`."""
        columns = np.where(columns < 0, -1, columns + self._junk_begin)
        return suspects, table.find(columns, values, amounts), amounts

    def _json_head(self, column: int, value: float, raises: bool) -> str:
        junk = column - self._junk_begin
        return self._model.head(column, value, raises) if junk < 0 else self._junk.head(junk, value)

    def _short(self, column: int, value: float, raises: bool) -> str:
        junk = column - self._junk_begin
        return self._model.short(column, value, raises) if junk < 0 else shortened(self._junk.sentence(junk, value))


def _lists(
    rules: Mapping[int, Sequence[RuleText]], rows: int, id_of: Callable[[RuleText], int]
) -> tuple[Indices, Indices]:
    """Return the first rule of each row with the end, shape (rows + 1,), and the ids of their phrases."""
    starts = np.zeros(rows + 1, dtype=np.int64)
    if not rules:
        return starts, _NO_IDS
    ids: list[int] = []
    for row in sorted(rules):
        starts[row + 1] = len(rules[row])
        ids += map(id_of, rules[row])
    return np.cumsum(starts), np.array(ids, dtype=np.int64)
