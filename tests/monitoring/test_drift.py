"""Drift: what moved is named, and chance is not taken for a move."""

from __future__ import annotations

import numpy as np
import pytest

from models.reference import Reference
from monitoring.drift import drifts, psi

NAMES = ("age", "flag", "gone")


def matrix(rows: int, seed: int, shift: float = 0.0, missing: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    age = rng.normal(shift, 1.0, rows)
    age[rng.random(rows) < missing] = np.nan
    return np.column_stack([age, rng.random(rows) < 0.2, np.full(rows, np.nan)])


def found(rows: int, seed: int, shift: float = 0.0, missing: float = 0.1) -> list[str]:
    known = matrix(5_000, 0)
    reference = Reference.of(NAMES, known, np.ones(5_000, dtype=bool))
    assert Reference.from_bytes(reference.to_bytes()) == reference
    now = matrix(rows, seed, shift, missing)
    counts = [one.count(now[:, place]).tolist() for place, one in enumerate(reference.features.values())]
    assert all(sum(count) == rows for count in counts)
    return [one.feature for one in drifts(NAMES, [one.all for one in reference.features.values()], counts)]


@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_chance_is_no_drift(rows: int) -> None:
    assert sum(bool(found(rows, seed)) for seed in range(1, 41)) <= 1


def test_a_shift_and_missing_values_are_drift() -> None:
    assert found(1_000, 1, shift=0.6) == ["age"]
    assert found(1_000, 1, missing=0.5) == ["age"]


def test_what_was_never_there_and_comes_is_drift() -> None:
    reference = Reference.of(NAMES, matrix(5_000, 0), np.ones(5_000, dtype=bool)).features["gone"]
    assert psi(reference.all, reference.count(np.ones(500)).tolist())[0] > 1


def test_small_samples_are_forgiven() -> None:
    value, chance = psi([900, 100], [16, 4])
    assert value < chance
