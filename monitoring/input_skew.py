"""Input skew: inputs that are missing more often than in training, or have other values, and their effect on money.

The comparison needs feature vectors only, so files, the service, the decision log and a history are compared alike.

- An input is **always missing** or **more often missing** (by more than 10 points) by the features that are constant
  without it (`models.input_baseline`); the rise must be above what chance exceeds in one of a hundred comparisons.
- It has **shifted** where a feature that depends on it, and on no missing input, has a PSI above 0.1 and above chance,
  again for one of a hundred comparisons of all features. Features that depend on several inputs count for the one
  that explains most of the shifted features. The time of submit is not compared: leads of one day are not those of a
  year.
- What it does to money is `monitoring.skew_effect`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtrc

from leadworth.arrays import Indices, Matrix, Vector
from models.input_baseline import InputBaseline
from monitoring.drift import NOTABLE, psi
from monitoring.skew_effect import coupling, money_effect
from monitoring.skew_finding import SkewFinding, SkewKind

if TYPE_CHECKING:
    from models.bundle import Bundle

MAX_ROWS = 2_000
"""Leads that are compared; of more, a random sample."""
LATEST_DECISIONS = 1_000
"""Latest decisions of a service that are compared: few enough to notice a change of the form soon."""
CHANCE = 0.01
"""Probability that an unchanged population yields a finding of one kind, before the limit on money."""
NOTABLE_RISE = 0.10
MIN_SHIFT_ROWS = 20
"""Leads from which shifts are looked for: below, the distribution of the PSI is not that of chi-square."""
TIME = "submitted_at"


class VectorSample:
    """Uniform random sample of feature vectors that come batch by batch, in bounded memory.

    Parameters
    ----------
    seed
        Samples that are merged have different ones.

    Attributes
    ----------
    keys
        Random numbers of the sampled rows: those of the smallest numbers stay, shape (rows,).
    matrix, age_days
        Features, shape (rows, n_features), and days since submit, shape (rows,).

    Examples
    --------
    >>> sample = VectorSample()
    >>> for _ in range(3):
    ...     sample.add(np.zeros((1_500, 2)), None)
    >>> sample.matrix.shape, sample.age_days.shape
    ((2000, 2), (2000,))
    """

    def __init__(self, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        self.keys: Vector = np.zeros(0)
        self.matrix: Matrix = np.zeros((0, 0))
        self.age_days: Vector = np.zeros(0)

    def add(self, matrix: Matrix, age_days: Vector | None) -> None:
        """Add leads: features, shape (rows, n_features), and days since submit of open ones, shape (rows,)."""
        ages = np.full(len(matrix), np.nan) if age_days is None else age_days
        self.merge(self._rng.random(len(matrix)), matrix, ages)

    def merge(self, keys: Vector, matrix: Matrix, age_days: Vector) -> None:
        """Add rows with their random numbers, such as those of another sample."""
        rows = np.flatnonzero(keys < self.keys.max()) if len(self.keys) == MAX_ROWS else np.arange(len(matrix))
        self.matrix = np.concatenate([self.matrix, matrix[rows]]) if len(self.keys) else matrix[rows]
        self.age_days = np.concatenate([self.age_days, age_days[rows]])
        self.keys = np.concatenate([self.keys, keys[rows]])
        if len(self.keys) > MAX_ROWS:
            smallest = np.argpartition(self.keys, MAX_ROWS)[:MAX_ROWS]
            self.matrix = self.matrix[smallest]
            self.age_days = self.age_days[smallest]
            self.keys = self.keys[smallest]


def input_skew(bundle: Bundle, matrix: Matrix, age_days: Vector | None = None, *, limit: float) -> list[SkewFinding]:
    """Return the inputs that differ from training and matter, the largest effect first.

    Parameters
    ----------
    bundle
        Model with the baseline of its inputs; without one nothing is found.
    matrix
        Features of leads, shape (rows, n_features).
    age_days
        Days since submit of open leads, shape (rows,); nan or None at submit.
    limit
        Findings are left out whose effect, on the total predicted value or on its distribution over the leads, is at
        most this share of the total.
    """
    if bundle.reference is None or not bundle.reference.inputs or not len(matrix):
        return []
    if len(matrix) > MAX_ROWS:
        sample = VectorSample()
        sample.add(matrix, age_days)
        matrix = sample.matrix
        age_days = sample.age_days
    comparison = _Comparison(bundle, matrix, age_days)
    missing = list(comparison.missing())
    explained = {name for finding in missing for name in comparison.inputs[finding.input].features}
    findings = [*missing, *comparison.shifted(explained)]
    return sorted((found for found in findings if found.impact > limit), key=lambda found: -found.impact)


def always_missing(bundle: Bundle, matrix: Matrix) -> list[str]:
    """Return the inputs that training had and no lead has, by name; what chance can explain is left out."""
    if bundle.reference is None or not len(matrix):
        return []
    found = _Comparison(bundle, matrix, None).missing()
    return [finding.input for finding in found if finding.kind is SkewKind.ALWAYS_MISSING]


class _Comparison:
    """Comparison of feature vectors with the baseline of a bundle."""

    def __init__(self, bundle: Bundle, matrix: Matrix, age_days: Vector | None) -> None:
        assert bundle.reference is not None
        self.inputs = bundle.reference.inputs
        self._features = bundle.reference.features
        self._spec = bundle.spec
        self._model = bundle.value_model
        self._matrix = matrix
        self._ages = age_days
        self._column = {name: index for index, name in enumerate(bundle.spec.names)}
        self._trained_leads = sum(next(iter(self._features.values())).all)

    def missing(self) -> Iterator[SkewFinding]:
        """Yield the inputs that are missing more often than in training, those with most features first."""
        explained: set[str] = set()
        for name, baseline in sorted(self.inputs.items(), key=lambda item: -len(item[1].features)):
            rows = baseline.is_missing(self._matrix, self._spec.names)
            share = float(rows.mean())
            always = bool(rows.all()) and baseline.missing < 1.0
            if set(baseline.absent) <= explained or not (always or share > baseline.missing + NOTABLE_RISE):
                continue
            expected = (baseline.missing * self._trained_leads + 0.5) / (self._trained_leads + 1.0)
            if bdtrc(int(rows.sum()) - 1, len(rows), expected) >= CHANCE / len(self.inputs):
                continue
            explained |= set(baseline.features)
            trained = np.array([1.0 - baseline.missing, baseline.missing])
            sample_bins = baseline.is_missing(baseline.sample, baseline.features).astype(np.int64)
            money, moved = self._effect(baseline, trained, rows.astype(np.int64), sample_bins)
            kind = SkewKind.ALWAYS_MISSING if always else SkewKind.MORE_OFTEN_MISSING
            unknown = all(feature in self._spec.categorical for feature in baseline.absent)
            yield SkewFinding(name, kind, share, baseline.missing, money, moved, unknown=unknown)

    def shifted(self, explained: set[str]) -> Iterator[SkewFinding]:
        """Yield the inputs whose features have shifted, those in `explained` aside."""
        left = self._shifted_features(explained)
        candidates = {name: baseline for name, baseline in self.inputs.items() if name != TIME}
        while True:
            covered = {name: left.keys() & set(baseline.features) for name, baseline in candidates.items()}
            name = max(candidates, key=lambda name: _rank(covered[name], candidates[name]), default=None)
            if name is None or not covered[name]:
                return
            yield self._shift(name, max(sorted(covered[name]), key=left.__getitem__), left)
            left = {feature: value for feature, value in left.items() if feature not in covered[name]}

    def _shifted_features(self, explained: set[str]) -> dict[str, float]:
        """Return the PSI of the features that have shifted."""
        shifted: dict[str, float] = {}
        if len(self._matrix) < MIN_SHIFT_ROWS:
            return shifted
        for name, binned in self._features.items():
            if name not in explained:
                counts = binned.count(self._matrix[:, self._column[name]]).tolist()
                value, chance = psi(binned.all, counts, CHANCE / len(self._features))
                if value > max(chance, NOTABLE):
                    shifted[name] = value
        return shifted

    def _shift(self, name: str, feature: str, psi_of: dict[str, float]) -> SkewFinding:
        baseline = self.inputs[name]
        binned = self._features[feature]
        trained = np.array(binned.all) / sum(binned.all)
        bins = binned.bins(self._matrix[:, self._column[feature]])
        sample_bins = binned.bins(baseline.sample[:, baseline.features.index(feature)])
        money, moved = self._effect(baseline, trained, bins, sample_bins)
        share = float(baseline.is_missing(self._matrix, self._spec.names).mean()) if baseline.absent else np.nan
        label = self._spec.label(feature)
        return SkewFinding(
            name, SkewKind.SHIFTED, share, baseline.missing, money, moved, psi=psi_of[feature], feature=label
        )

    def _effect(
        self, baseline: InputBaseline, trained: Vector, bins: Indices, sample_bins: Indices
    ) -> tuple[float, float]:
        columns = np.array([self._column[name] for name in baseline.features])
        return money_effect(self._value, self._matrix, columns, baseline.sample, coupling(trained, bins, sample_bins))

    def _value(self, matrix: Matrix, leads: Indices) -> Vector:
        predicted = self._model.predict(matrix, None if self._ages is None else self._ages[leads])
        return predicted.win_probability * predicted.expected_revenue


def _rank(covered: set[str], baseline: InputBaseline) -> tuple[int, float]:
    return len(covered), len(covered) / len(baseline.features)
