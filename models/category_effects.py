"""Effects of categories on a quantity, partially pooled: rare categories stay near 0, frequent ones get their own mean.

Trees with strong shrinkage hardly distinguish categories with a dozen observations, though the residuals do. Here each
category of each column has a normal effect on the residuals. The standard deviation between the categories of a column
is unknown, and poorly estimated from a few of them. The effects are therefore averaged over a grid of it, weighted with
the marginal likelihood (random effects with integrated variance; Searle, Casella and McCulloch 1992, "Variance
Components", ch. 9; Gelman and Hill 2007, "Data Analysis Using Regression and Multilevel/Hierarchical Models", ch. 12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector
from models.code_table import by_code, look_up

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SPREADS = (0.1, 0.2, 0.4, 0.8)
"""Standard deviations between the categories of a column that are averaged over, equally likely beforehand."""


@dataclass(frozen=True)
class CategoryEffects:
    """Sum of the effects of the categories of some columns.

    Attributes
    ----------
    columns
        Column -> effect by code of the category; 0 for other codes and for missing ones.

    Examples
    --------
    >>> effects = CategoryEffects({1: {0: 0.5, 2: -0.5}})
    >>> effects.of(np.array([[9.0, 0.0], [9.0, 2.0], [9.0, 7.0], [9.0, np.nan]])).tolist()
    [0.5, -0.5, 0.0, 0.0]
    """

    columns: Mapping[int, Mapping[int, float]] = field(default_factory=dict)

    def of(self, matrix: Matrix) -> Vector:
        """Return the sum of the effects of each row, shape (n,)."""
        total = np.zeros(len(matrix))
        for column, table in self._tables.items():
            total += look_up(np.ascontiguousarray(matrix[:, column]), table)
        return total

    @cached_property
    def _tables(self) -> dict[int, Vector]:
        return {column: by_code(effects, 0.0) for column, effects in self.columns.items()}


def fit_category_effects(
    matrix: Matrix, columns: tuple[int, ...], residuals: Vector, weight: Vector, spread: float
) -> CategoryEffects:
    """Fit the effects to residuals.

    Parameters
    ----------
    matrix
        Features of the observations, shape (n, n_features).
    columns
        Columns with codes of categories.
    residuals
        Observed less predicted, by a model that did not see the observation, shape (n,).
    weight
        Weight of each observation, shape (n,).
    spread
        Standard deviation of a residual.

    Examples
    --------
    Of two categories that differ by 2, one is rare: it moves less toward its own mean.

    >>> codes = np.array([[0.0]] * 100 + [[1.0]] * 4)
    >>> residuals = np.where(codes[:, 0] == 0, 1.0, -1.0)
    >>> effects = fit_category_effects(codes, (0,), residuals, np.ones(104), spread=1.0)
    >>> {code: round(effect, 2) for code, effect in effects.columns[0].items()}
    {0: 0.98, 1: -0.67}
    """
    design, names = _indicators(matrix, columns)
    if not names or spread <= 0:
        return CategoryEffects()
    # Weighted observations count as many equal ones as give a mean of the same variance.
    precision = weight * float(weight.sum()) / float((weight**2).sum()) / spread**2
    information = (design.T @ design.multiply(precision[:, None])).toarray()
    score = design.T @ (precision * residuals)
    column_of = np.array([columns.index(column) for column, _ in names])
    means, evidence = [], []
    for spreads in product(SPREADS, repeat=len(columns)):
        variance = np.square(spreads)[column_of]
        root = np.linalg.cholesky(information + np.diag(1.0 / variance))
        half = np.linalg.solve(root, score)
        means.append(np.linalg.solve(root.T, half))
        evidence.append(float(half @ half) / 2 - float(np.log(np.diag(root)).sum()) - float(np.log(variance).sum()) / 2)
    share = np.exp(np.array(evidence) - max(evidence))
    effects = share @ np.array(means) / share.sum()
    by_column: dict[int, dict[int, float]] = {column: {} for column in columns}
    for (column, code), effect in zip(names, effects.tolist(), strict=True):
        by_column[column][code] = effect
    return CategoryEffects(by_column)


def _indicators(matrix: Matrix, columns: tuple[int, ...]) -> tuple[csr_array, list[tuple[int, int]]]:
    """Return a column of 0 and 1 for each category, and the names (column, code) of these columns."""
    from scipy.sparse import csr_array  # for fits only

    rows: list[Indices] = []
    places: list[Indices] = []
    names: list[tuple[int, int]] = []
    for column in columns:
        codes = matrix[:, column]
        known = np.flatnonzero(np.isfinite(codes))
        found, place = np.unique(codes[known], return_inverse=True)
        rows.append(known)
        places.append(len(names) + place)
        names += [(column, int(code)) for code in found]
    row, place = (np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64) for parts in (rows, places))
    return csr_array((np.ones(len(row)), (row, place)), shape=(len(matrix), len(names))), names
