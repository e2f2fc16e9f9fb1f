"""Partially pooled effects of categories, against the multivariate normal distribution of scipy."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from models.category_effects import SPREADS, CategoryEffects, fit_category_effects


def observations(rows: int = 40, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = np.column_stack([rng.integers(0, 3, rows), rng.integers(0, 5, rows)]).astype(float)
    matrix[::9, 1] = np.nan
    effects = np.array([0.6, -0.4, 0.1])[matrix[:, 0].astype(int)]
    return matrix, effects + rng.normal(0.0, 0.7, rows)


def test_effects_are_the_posterior_mean_over_the_grid() -> None:
    """The joint distribution of effects and residuals, written out and conditioned by brute force."""
    matrix, residuals = observations()
    fitted = fit_category_effects(matrix, (0, 1), residuals, np.full(40, 3.0), spread=0.7)
    design = np.column_stack(
        [matrix[:, 0] == code for code in range(3)] + [matrix[:, 1] == code for code in range(5)]
    ).astype(float)
    means, evidence = [], []
    for first, second in product(SPREADS, repeat=2):
        prior = np.diag([first**2] * 3 + [second**2] * 5)
        covariance = design @ prior @ design.T + 0.7**2 * np.eye(40)
        means.append(prior @ design.T @ np.linalg.solve(covariance, residuals))
        evidence.append(multivariate_normal(np.zeros(40), covariance).logpdf(residuals))
    share = np.exp(np.array(evidence) - max(evidence))
    expected = share @ np.array(means) / share.sum()
    found = [*(fitted.columns[0][code] for code in range(3)), *(fitted.columns[1][code] for code in range(5))]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_categories_without_a_difference_have_no_effect() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.integers(0, 8, (4_000, 1)).astype(float)
    fitted = fit_category_effects(matrix, (0,), rng.normal(size=4_000), np.ones(4_000), spread=1.0)
    assert max(abs(effect) for effect in fitted.columns[0].values()) < 0.1


def test_unequal_weights_count_as_fewer_observations() -> None:
    matrix, residuals = observations()
    kept = np.arange(40) < 15
    few = np.where(kept, 1.0, 1e-9)
    weighted = fit_category_effects(matrix, (0,), residuals, few, spread=0.7)
    subset = fit_category_effects(matrix[kept], (0,), residuals[kept], np.ones(15), spread=0.7)
    assert weighted.columns[0] == pytest.approx(subset.columns[0], abs=1e-6)


@pytest.mark.parametrize("columns", [(), (1,)])
def test_nothing_to_fit_gives_no_effects(columns: tuple[int, ...]) -> None:
    matrix = np.column_stack([np.zeros(5), np.full(5, np.nan)])
    fitted = fit_category_effects(matrix, columns, np.ones(5), np.ones(5), spread=1.0)
    assert fitted == CategoryEffects()
    assert fitted.of(matrix).tolist() == [0.0] * 5
