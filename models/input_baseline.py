"""Input baseline: what each input of a lead looks like in the features of the training leads.

An input is a field of a lead, an extra column, or all velocity fields together. Which features depend on it, and which
values they have without it, is found by computing the features of some training leads again without the input. The
share of leads without it can then be counted among feature vectors alone, such as those of the decision log, and in
the same way as among the training leads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from features.feature_spec import FeatureSpec
from features.velocity_keys import FIELDS as VELOCITY_FIELDS
from leadworth.arrays import Flags, Indices, Matrix

SAMPLE = 1_000
"""Training leads whose features are kept for each input."""
PROBES = 50
"""Training leads from which it is found what depends on an input."""
VELOCITY = "velocity"


@dataclass(frozen=True)
class InputBaseline:
    """One input among the training leads.

    Attributes
    ----------
    fields
        Columns of the lead table that it consists of.
    features
        Names of the features that depend on it.
    absent
        Those of them whose value is always the same without the input, and this value (nan: missing).
    missing
        Share of the training leads that have these values.
    sample
        Values of `features` of training leads drawn at random, shape (n, features). The leads of two inputs are
        drawn independently, so that no lead can be put together from them.
    """

    fields: tuple[str, ...]
    features: tuple[str, ...]
    absent: Mapping[str, float]
    missing: float
    sample: Matrix

    def is_missing(self, matrix: Matrix, names: Sequence[str]) -> Flags:
        """Return which rows have the features of a lead without the input, shape (rows,).

        Parameters
        ----------
        matrix, names
            Features, shape (rows, n_features), and their names, among which are those of `absent`.

        Examples
        --------
        >>> names = ("given", "digits")
        >>> baseline = InputBaseline(("phone",), names, {"given": 0.0, "digits": np.nan}, 0.5, np.zeros((0, 2)))
        >>> baseline.is_missing(np.array([[0.0, np.nan], [1.0, 9.0]]), names).tolist()
        [True, False]
        """
        result = np.full(len(matrix), bool(self.absent))
        for name, value in self.absent.items():
            result &= _same(matrix[:, names.index(name)], value)
        return result

    def to_dict(self) -> dict[str, Any]:
        """Return the content as JSON values; missing is None, and values have six digits."""
        return {
            "fields": self.fields,
            "features": self.features,
            "absent": {name: _plain(value) for name, value in self.absent.items()},
            "missing": self.missing,
            "sample": [[_plain(value) for value in column] for column in self.sample.T.tolist()],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`."""
        columns = np.array(content["sample"], dtype=np.float64).reshape(len(content["features"]), -1)
        return cls(
            tuple(content["fields"]),
            tuple(content["features"]),
            {name: np.nan if value is None else value for name, value in content["absent"].items()},
            content["missing"],
            np.ascontiguousarray(columns.T),
        )


def input_baselines(spec: FeatureSpec, leads: pd.DataFrame, matrix: Matrix, seed: int) -> dict[str, InputBaseline]:
    """Return the baseline of each input that some training lead has and on which a feature depends.

    Parameters
    ----------
    spec
        Feature spec.
    leads, matrix
        Training leads, and their features, shape (n, n_features).
    seed
        Seed of the samples.
    """
    rng = np.random.default_rng(seed)
    result = {}
    for name, fields in _inputs(spec).items():
        present = np.flatnonzero(leads[list(fields)].notna().any(axis=1).to_numpy(dtype=bool))
        if not len(present):
            continue
        rows = _draw(rng, present, PROBES)
        without = spec.matrix(leads.iloc[rows].drop(columns=list(fields)))
        changed = np.flatnonzero(~_same(without, matrix[rows]).all(axis=0))
        if len(changed):
            constant = [column for column in changed.tolist() if _same(without[:, column], without[0, column]).all()]
            absent = {spec.names[column]: float(without[0, column]) for column in constant}
            features = tuple(spec.names[column] for column in changed.tolist())
            sample = matrix[np.ix_(_draw(rng, np.arange(len(matrix)), SAMPLE), changed)]
            baseline = InputBaseline(fields, features, absent, 0.0, sample)
            missing = float(baseline.is_missing(matrix, spec.names).mean())
            result[name] = InputBaseline(fields, features, absent, missing, sample)
    return result


def _inputs(spec: FeatureSpec) -> dict[str, tuple[str, ...]]:
    """Return the columns of each input of a spec."""
    velocity = tuple(field for field in spec.fields if field in VELOCITY_FIELDS)
    single = [*(field for field in spec.fields if field not in velocity), *(f"extras.{name}" for name in spec.extras)]
    return {name: (name,) for name in single} | ({VELOCITY: velocity} if velocity else {})


def _draw(rng: np.random.Generator, rows: Indices, most: int) -> Indices:
    return rng.choice(rows, min(most, len(rows)), replace=False)


def _same(values: Matrix, other: Matrix | float) -> Flags:
    """Return where values are equal; nan equals nan."""
    result: Flags = (values == other) | (np.isnan(values) & np.isnan(other))
    return result


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(f"{value:.6g}")
