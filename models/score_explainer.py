"""Reasons of the scores of one bundle: rules of the policy, signs of junk, contributions of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic_core import from_json

from features.feature_spec import FeatureSpec
from leadworth.arrays import Indices, Matrix
from leadworth.records import ReasonStyle
from models.junk_reasons import JunkExplainer
from models.policy_engine import RuleText
from models.reasons import PHRASES, Explainer, Reasons, rule_json, shortened
from models.value_model import TERMS, LeadValueModel


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
        self._value_model = value_model
        self._model = Explainer((*spec.names, *TERMS), spec.describe)
        self._junk = JunkExplainer(value_model.junk, spec.names, spec.describe)

    def texts(
        self,
        matrix: Matrix,
        contributions: Matrix,
        suspects: Indices,
        rules: Mapping[int, Sequence[RuleText]],
        style: ReasonStyle,
    ) -> list[str]:
        """Return the reasons of n scores.

        Parameters
        ----------
        matrix
            Features, shape (n, n_features).
        contributions
            Contributions of features and terms, shape (n, n_features + terms).
        suspects
            Rows for which reasons of the junk probability are given.
        rules
            Id and sentence of the rules that hold, by row.
        style
            JSON, the three main ones in plain words, or empty.
        """
        if style == "none":
            return [""] * len(matrix)
        strongest = Reasons.of(matrix, self._value_model.baseline, contributions)
        as_json = style == "json"
        texts = self._model.texts(strongest) if as_json else self._model.phrases(strongest)
        if len(suspects):
            for row, junk in zip(suspects.tolist(), self._junk.texts(matrix[suspects]), strict=True):
                texts[row][:0] = junk if as_json else [shortened(from_json(reason)["text"]) for reason in junk]
        for row, held in rules.items():
            texts[row][:0] = [rule_json(code, text) if as_json else shortened(text) for code, text in held]
        if as_json:
            return [f"[{', '.join(row)}]" for row in texts]
        return ["; ".join(row[:PHRASES]) for row in texts]
