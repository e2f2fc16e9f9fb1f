"""Gradient boosting with LightGBM and a custom loss: regularised trees, the same text for the same data and seed.

LightGBM is imported by the fits only: scoring reads its text, and the import takes over a second.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector
from models.trees import Trees

if TYPE_CHECKING:
    import lightgbm

_ONE_COPY = threading.Lock()
"""Held while features are binned, which takes a copy of them: of the models that are fitted at once, one has a copy."""

Objective = Callable[[Vector, Indices], tuple[Vector, Vector]]
"""Margins and row numbers -> gradient and curvature of the loss."""
Loss = Callable[[Vector, Indices], float]
"""Margins and row numbers -> mean loss, for early stopping."""


@dataclass(frozen=True)
class BoosterParams:
    """Number, size and regularisation of the trees."""

    rounds: int = 300
    leaves: int = 15
    learning_rate: float = 0.05
    min_leaf: int = 40
    l2: float = 10.0
    feature_share: float = 0.7
    patience: int = 25

    def with_rounds(self, rounds: int) -> Self:
        """Return the same parameters with this number of trees."""
        return replace(self, rounds=rounds)


@dataclass(frozen=True)
class BoosterDataset:
    """Feature matrix with its column kinds as a LightGBM dataset, binned once for all fits.

    Attributes
    ----------
    matrix
        Features, shape (n, n_features).
    categorical
        Columns of category codes.
    monotone
        Constraint of each column: 1 increasing, -1 decreasing, 0 none; empty for no constraints.
    unused
        Columns that no tree splits on. They remain in the matrix, so that all models of a bundle read the same one;
        their values do not change a prediction and their contributions are 0.
    """

    matrix: Matrix
    categorical: tuple[int, ...] = ()
    monotone: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()

    def rows(self, index: Indices) -> lightgbm.Dataset:
        """Return a subset; the row numbers must be ascending."""
        return self._binned.subset(index.tolist())

    @cached_property
    def varies(self) -> bool:
        """Whether any used column has two values; LightGBM raises an error if none has."""
        used = (column for number, column in enumerate(self.matrix.T) if number not in self.unused)
        return any(bool((column != column[:1]).any()) for column in used)

    @cached_property
    def _binned(self) -> lightgbm.Dataset:
        import lightgbm

        matrix = self.matrix
        with _ONE_COPY:
            if self.unused:
                matrix = matrix.copy()
                matrix[:, list(self.unused)] = 0.0  # LightGBM drops constant columns, also from its feature sampling
            return lightgbm.Dataset(
                matrix,
                label=np.zeros(len(self.matrix)),
                categorical_feature=list(self.categorical),
                params=_COMMON,
            ).construct()


# `deterministic` and `force_col_wise` give the same trees for any number of threads; with a third of the columns for
# each tree this takes a fifth less time than `force_row_wise`. The parameters are part of the model text, so
# `num_threads` must not depend on the machine: 0 is the default, which OMP_NUM_THREADS and `limit_threads` set.
_COMMON: dict[str, object] = {
    "verbosity": -1,
    "deterministic": True,
    "force_col_wise": True,
    "feature_pre_filter": False,
    "num_threads": 0,
    "max_bin": 127,
    "min_data_in_bin": 5,
    "cat_smooth": 20.0,
    "cat_l2": 20.0,
    "min_data_per_group": 200,
    "max_cat_threshold": 16,
    "boost_from_average": False,
}


def limit_threads(threads: int) -> None:
    """Set the largest number of threads of a fit in this process; OMP_NUM_THREADS can set a smaller one."""
    import lightgbm

    lightgbm.basic._LIB.LGBM_SetMaxThreads(  # type: ignore[attr-defined]  # not in the Python interface
        ctypes.c_int(threads)
    )


def boost(
    table: BoosterDataset,
    rows: Indices,
    objective: Objective,
    shape: BoosterParams,
    seed: int,
    *,
    validation: tuple[Indices, Loss] | None = None,
) -> Trees:
    """Fit trees to a subset of rows.

    Parameters
    ----------
    table
        Features of all n rows.
    rows
        Row numbers of the training set.
    objective
        Gradient and curvature of the loss with respect to the margin.
    shape
        Size and number of the trees.
    seed
        Seed of the feature sampling.
    validation
        Row numbers and loss of the validation set, for early stopping; None fits all rounds.

    Returns
    -------
    Trees
        The ensemble; 0 for every row if no tree improves the validation loss or the validation set is empty.
    """
    if not table.varies or (validation is not None and not len(validation[0])):
        return stump(table)
    import lightgbm

    rows = np.sort(rows)
    parameters = _COMMON | {
        "objective": lambda margin, _: objective(np.asarray(margin, dtype=np.float64), rows),
        "seed": seed,
        "num_leaves": shape.leaves,
        "learning_rate": shape.learning_rate,
        "min_data_in_leaf": shape.min_leaf,
        "min_sum_hessian_in_leaf": 1e-3,
        "lambda_l2": shape.l2,
        "feature_fraction": shape.feature_share,
        "metric": "None",
    }
    if any(table.monotone):
        parameters |= {"monotone_constraints": list(table.monotone), "monotone_constraints_method": "basic"}
    training = table.rows(rows)
    if validation is None:
        booster = lightgbm.train(parameters, training, num_boost_round=shape.rounds)
        return Trees(booster.model_to_string())
    validation_rows = np.sort(validation[0])
    loss = validation[1]
    initial_loss = loss(np.zeros(len(validation_rows)), validation_rows)
    booster = lightgbm.train(
        parameters,
        training,
        num_boost_round=shape.rounds,
        valid_sets=[table.rows(validation_rows)],
        feval=lambda margin, _: ("loss", loss(np.asarray(margin, dtype=np.float64), validation_rows), False),
        callbacks=[lightgbm.early_stopping(shape.patience, verbose=False)],
    )
    if booster.best_score["valid_0"]["loss"] >= initial_loss:
        return stump(table)
    return Trees(booster.model_to_string(num_iteration=booster.best_iteration))


def stump(table: BoosterDataset) -> Trees:
    """Return an ensemble whose margin is 0 for every row."""
    import lightgbm

    rows = np.repeat(np.arange(20.0)[:, None], table.matrix.shape[1], axis=1)
    dataset = lightgbm.Dataset(rows, label=np.zeros(len(rows)), params=_COMMON)
    parameters = _COMMON | {"objective": lambda margin, _: (np.zeros(len(margin)), np.ones(len(margin)))}
    return Trees(lightgbm.train(parameters, dataset, num_boost_round=1).model_to_string())
