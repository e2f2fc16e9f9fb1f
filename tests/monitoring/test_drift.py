"""Drift: shifted features are reported, chance is not."""

from __future__ import annotations

import numpy as np
import pytest

from models.drift_baseline import DriftBaseline
from monitoring.drift import drifts, psi

NAMES = ("age", "flag", "gone")


def matrix(rows: int, seed: int, shift: float = 0.0, missing: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    age = rng.normal(shift, 1.0, rows)
    age[rng.random(rows) < missing] = np.nan
    return np.column_stack([age, rng.random(rows) < 0.2, np.full(rows, np.nan)])


def drifted(rows: int, seed: int, shift: float = 0.0, missing: float = 0.1) -> list[str]:
    reference = DriftBaseline.of(NAMES, matrix(5_000, 0), np.ones(5_000, dtype=bool))
    assert DriftBaseline.from_files(reference.files()) == reference
    current = matrix(rows, seed, shift, missing)
    counts = [feature.count(current[:, column]).tolist() for column, feature in enumerate(reference.features.values())]
    assert all(sum(count) == rows for count in counts)
    trained = [feature.all for feature in reference.features.values()]
    return [drift.feature for drift in drifts(NAMES, trained, counts)]


@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_chance_is_no_drift(rows: int) -> None:
    assert sum(bool(drifted(rows, seed)) for seed in range(1, 41)) <= 1


def test_a_shift_and_missing_values_are_drift() -> None:
    assert drifted(1_000, 1, shift=0.6) == ["age"]
    assert drifted(1_000, 1, missing=0.5) == ["age"]


def test_a_feature_that_was_always_missing_and_appears_is_drift() -> None:
    reference = DriftBaseline.of(NAMES, matrix(5_000, 0), np.ones(5_000, dtype=bool)).features["gone"]
    assert psi(reference.all, reference.count(np.ones(500)).tolist())[0] > 1


def test_small_samples_need_a_larger_psi() -> None:
    value, chance = psi([900, 100], [16, 4])
    assert value < chance
