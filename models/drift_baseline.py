"""Drift baseline: binned distribution of each feature among the training leads, and what each input looks like in them.

Each feature has at most ten bins and one for missing values, with the counts of all leads and of engaged leads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from leadworth.arrays import Flags, Indices, Matrix, Vector
from models.input_baseline import InputBaseline

BINS = 10
FEATURES_FILE = "reference.json"
INPUTS_FILE = "inputs.json"


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
        return np.bincount(self.bins(column), minlength=len(self.bounds) + 2).astype(np.int64)

    def bins(self, column: Vector) -> Indices:
        """Return the index of the bin of each value; that of missing values is the last."""
        missing = len(self.bounds) + 1
        return np.where(np.isnan(column), missing, np.searchsorted(self.bounds, column, side="right")).astype(np.int64)


@dataclass(frozen=True)
class DriftBaseline:
    """Binned distributions by feature, and the inputs by name (none in bundles of version 0.1.0 and before)."""

    features: Mapping[str, BinnedFeature]
    inputs: Mapping[str, InputBaseline] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        matrix: Matrix,
        engaged: Flags,
        inputs: Mapping[str, InputBaseline] | None = None,
        *,
        rows: Flags | None = None,
    ) -> Self:
        """Bin the features of the training leads.

        Parameters
        ----------
        names, matrix
            Names of the features, and the features, shape (n, n_features).
        engaged
            Whether sales engaged with the lead, shape (n,).
        inputs
            Result of `models.input_baseline.input_baselines`.
        rows
            Leads that are counted, shape (n,); None: all.
        """
        counted = slice(None) if rows is None else rows
        features = {name: _binned(matrix[counted, column], engaged[counted]) for column, name in enumerate(names)}
        return cls(features, inputs or {})

    def files(self) -> dict[str, bytes]:
        """Return the content as JSON files, for `from_files`."""
        features = {name: vars(binned) for name, binned in self.features.items()}
        inputs = {name: baseline.to_dict() for name, baseline in self.inputs.items()}
        return {FEATURES_FILE: _json(features)} | ({INPUTS_FILE: _json(inputs)} if inputs else {})

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self | None:
        """Parse the result of `files`; return None where the features are not among them."""
        if FEATURES_FILE not in files:
            return None
        features: Mapping[str, Any] = json.loads(files[FEATURES_FILE])
        inputs: Mapping[str, Any] = json.loads(files.get(INPUTS_FILE, b"{}"))
        return cls(
            {
                name: BinnedFeature(tuple(binned["bounds"]), tuple(binned["all"]), tuple(binned["engaged"]))
                for name, binned in features.items()
            },
            {name: InputBaseline.from_dict(baseline) for name, baseline in inputs.items()},
        )


def _json(content: object) -> bytes:
    return (json.dumps(content, separators=(",", ":")) + "\n").encode()


def _binned(column: Vector, engaged: Flags) -> BinnedFeature:
    values = column[~np.isnan(column)]
    bounds = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])) if len(values) else np.zeros(0)
    if len(values):
        larger = values[values > values.min()]
        # fewer than a tenth of the values are larger than the smallest: two bins, not one
        bounds = bounds[bounds > values.min()] if bounds.max() > values.min() else np.unique(larger)[:1]
    empty = BinnedFeature(tuple(bounds.tolist()), (), ())
    return BinnedFeature(
        empty.bounds, tuple(empty.count(column).tolist()), tuple(empty.count(column[engaged]).tolist())
    )
