"""Features of many leads, and their scores by column."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector


class LeadFeatures(NamedTuple):
    """Features of n leads, shape (n, n_features), and the fields of the policy as numbers, shape (n, fields)."""

    matrix: Matrix
    fields: Matrix


class Scored(NamedTuple):
    """Scores of n leads by column, with the intermediate results of the decision policy.

    Attributes
    ----------
    columns
        Fields of a `Score` except ``lead_id`` and ``scored_at``: arrays, lists or text columns of length n; ``reasons``
        is JSON text.
    holds
        Which checks and entries of the policy hold, shape (n, checks and entries).
    junk_log_odds
        Shape (n,).
    thresholds
        Index of the threshold that applied in `Guarantee.thresholds`, shape (n,).
    """

    columns: dict[str, Any]
    holds: Flags
    junk_log_odds: Vector
    thresholds: Indices

    def row(self, index: int) -> dict[str, Any]:
        """Return the fields of one score."""
        return {
            name: column.item(index) if isinstance(column, np.ndarray) else column[index]
            for name, column in self.columns.items()
        }
