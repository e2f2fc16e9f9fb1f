"""Forecast of a model for leads at submit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from leadworth.arrays import Matrix, Vector
from models.value_model import LeadValueModel


@dataclass(frozen=True)
class Forecast:
    """Predictions of a model, arrays of shape (leads,).

    Attributes
    ----------
    probability
        Win probability within the horizon.
    value
        Predicted value, in the currency of the settings.
    """

    probability: Vector
    value: Vector

    @classmethod
    def of(cls, model: LeadValueModel, matrix: Matrix) -> Self:
        """Predict with a lead value model from features at submit, shape (leads, n_features)."""
        prediction = model.predict(matrix)
        return cls(prediction.win_probability, prediction.win_probability * prediction.expected_revenue)
