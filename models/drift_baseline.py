"""Drift baseline: binned distribution of each feature among the training leads.

Each feature has at most ten bins and one for missing values, with the counts of all leads and of engaged leads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector

BINS = 10


@dataclass(frozen=True)
class BinnedFeature:
    """Distribution of one feature.

    Attributes
    ----------
    bounds
        Inner bounds of the bins.
    all, engaged
        Number of all leads and of engaged leads in each bin, missing last.
    """

    bounds: tuple[float, ...]
    all: tuple[int, ...]
    engaged: tuple[int, ...]

    def count(self, column: Vector) -> Indices:
        """Return the number of values in each bin, missing last.

        Examples
        --------
        >>> BinnedFeature((1.0,), (2, 2, 0), (1, 1, 0)).count(np.array([0.0, 1.0, 5.0, np.nan])).tolist()
        [1, 2, 1]
        """
        size = len(self.bounds) + 1
        bins = np.where(np.isnan(column), size, np.searchsorted(self.bounds, column, side="right"))
        return np.bincount(bins, minlength=size + 1).astype(np.int64)


@dataclass(frozen=True)
class DriftBaseline:
    """Binned distributions by feature."""

    features: Mapping[str, BinnedFeature]

    @classmethod
    def of(cls, names: Sequence[str], matrix: Matrix, engaged: Flags) -> Self:
        """Bin the features of the training leads.

        Parameters
        ----------
        names, matrix
            Names of the features, and the features, shape (n, n_features).
        engaged
            Whether sales engaged with the lead, shape (n,).
        """
        return cls({name: _binned(matrix[:, column], engaged) for column, name in enumerate(names)})

    def to_bytes(self) -> bytes:
        """Return the content as JSON."""
        content = {name: vars(binned) for name, binned in self.features.items()}
        return (json.dumps(content, separators=(",", ":")) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Parse the result of `to_bytes`."""
        features: Mapping[str, Any] = json.loads(content)
        return cls(
            {
                name: BinnedFeature(tuple(binned["bounds"]), tuple(binned["all"]), tuple(binned["engaged"]))
                for name, binned in features.items()
            }
        )


def _binned(column: Vector, engaged: Flags) -> BinnedFeature:
    values = column[~np.isnan(column)]
    bounds = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])) if len(values) else np.zeros(0)
    bounds = bounds[bounds > values.min()] if len(values) else bounds
    empty = BinnedFeature(tuple(bounds.tolist()), (), ())
    return BinnedFeature(
        empty.bounds, tuple(empty.count(column).tolist()), tuple(empty.count(column[engaged]).tolist())
    )
