"""The walk over boosted trees: margins and path contributions from LightGBM's text.

LightGBM finds the leaf of each tree; values and contributions are then looked up. The contribution
of a split is the mean of the child it leads to minus the mean of the node, where the mean of a node
is that of the leaves below it weighted by their training rows (Saabas 2014, "Interpreting random
forests"). Along a path these differences telescope, so that baseline + contributions is the margin.
"""

from __future__ import annotations

from functools import cached_property

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from leadworth.errors import BundleError
from models.base import Matrix, Vector
from models.single_row import LEAVES, RAW, SingleRow

_CHUNK_ROWS = 8192
_HOT_ROWS = 4


class Trees:
    """An ensemble of LightGBM trees.

    Parameters
    ----------
    text
        The model as `Booster.model_to_string` writes it.

    Raises
    ------
    BundleError
        Where the text is not a LightGBM model.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self._booster = lightgbm.Booster(model_str=text)
        except lightgbm.basic.LightGBMError as error:
            raise BundleError(f"a model is not LightGBM text: {error}", do="train and register it again") from error
        structures = [_Structure(block) for block in _blocks(text)]
        sizes = np.array([len(tree.values) for tree in structures], dtype=np.int64)
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if len(sizes) else sizes
        self._values = np.concatenate([tree.values for tree in structures]) if structures else np.zeros(0)
        self._baseline = float(sum(tree.mean for tree in structures))
        self._structures = structures

    @property
    def n_features(self) -> int:
        """Number of columns that a matrix must have."""
        return int(self._booster.num_feature())

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self._starts)

    @property
    def baseline(self) -> float:
        """Mean margin of the training data, from which the contributions start."""
        return self._baseline

    def to_text(self) -> str:
        """Return the ensemble as LightGBM text."""
        return self._text

    def raw(self, matrix: Matrix) -> Vector:
        """Return the margin of each row, shape (rows,)."""
        if not self.n_trees:
            return np.zeros(len(matrix))
        threads = 1 if len(matrix) <= _HOT_ROWS else 0
        return np.asarray(self._booster.predict(matrix, raw_score=True, num_threads=threads), dtype=np.float64)

    def contributions(self, matrix: Matrix) -> tuple[Vector, Matrix]:
        """Return the margins, shape (rows,), and the contributions, shape (rows, n_features)."""
        raw = np.zeros(len(matrix))
        parts = np.zeros((len(matrix), self.n_features))
        if not self.n_trees:
            return raw, parts
        for start in range(0, len(matrix), _CHUNK_ROWS):
            chunk = slice(start, start + _CHUNK_ROWS)
            leaves = self._leaves(matrix[chunk])
            raw[chunk] = self._values[leaves].sum(axis=1)
            if len(leaves) <= _HOT_ROWS:
                parts[chunk] = self._paths[leaves].sum(axis=1)
            else:
                ends = np.arange(0, leaves.size + 1, leaves.shape[1])
                chosen = csr_array((np.ones(leaves.size), leaves.ravel(), ends), shape=(len(leaves), len(self._values)))
                parts[chunk] = (chosen @ self._sparse_paths).toarray()
        return raw, parts

    def raw_one(self, row: Vector) -> float:
        """Return the margin of one row of shape (n_features,)."""
        return self._single.one(row) if self.n_trees else 0.0

    def contributions_one(self, row: Vector) -> tuple[float, Vector]:
        """Return the margin of one row, and its contributions, shape (n_features,)."""
        if not self.n_trees:
            return 0.0, np.zeros(self.n_features)
        leaves = self._single_leaves.all(row).astype(np.int64)
        leaves += self._starts
        features, amounts = self._steps
        taken, added = features.take(leaves, 0).ravel(), amounts.take(leaves, 0).ravel()
        parts: Vector = np.bincount(taken, added, self.n_features).astype(np.float64, copy=False)
        return float(self._values.take(leaves).sum()), parts

    def _leaves(self, matrix: Matrix) -> np.ndarray:
        threads = 1 if len(matrix) <= _HOT_ROWS else 0
        found = self._booster.predict(matrix, pred_leaf=True, num_threads=threads)
        return np.asarray(found, dtype=np.int64).reshape(len(matrix), -1) + self._starts

    @cached_property
    def _paths(self) -> Matrix:
        """Contribution of every feature on the way to every leaf, shape (all leaves, n_features)."""
        table = np.zeros((len(self._values), self.n_features))
        for start, tree in zip(self._starts, self._structures, strict=True):
            tree.write_paths(table[start : start + len(tree.values)])
        return table

    @cached_property
    def _sparse_paths(self) -> csr_array:
        return csr_array(self._paths)

    @cached_property
    def _steps(self) -> tuple[NDArray[np.int64], Matrix]:
        """Features and contributions on the way to every leaf, shape (all leaves, most features on a way)."""
        paths = self._sparse_paths
        taken = np.diff(paths.indptr)
        places = np.arange(paths.nnz) - np.repeat(paths.indptr[:-1], taken)
        rows = np.repeat(np.arange(len(taken)), taken)
        features = np.zeros((len(taken), int(taken.max(initial=0))), dtype=np.int64)
        amounts = np.zeros(features.shape)
        features[rows, places], amounts[rows, places] = paths.indices, paths.data
        return features, amounts

    @cached_property
    def _single(self) -> SingleRow:
        return SingleRow(self._text, RAW, self.n_features, 1)

    @cached_property
    def _single_leaves(self) -> SingleRow:
        return SingleRow(self._text, LEAVES, self.n_features, self.n_trees)


class _Structure:
    """Splits, leaves and node means of one tree."""

    def __init__(self, block: dict[str, str]) -> None:
        self.values = _numbers(block, "leaf_value")
        self.features = _numbers(block, "split_feature").astype(np.int64)
        self.children = np.stack([_numbers(block, "left_child"), _numbers(block, "right_child")]).astype(np.int64)
        self.means = np.zeros(len(self.features))
        counts = np.maximum(_numbers(block, "leaf_count"), 1.0) if len(self.features) else np.ones(1)
        weights = np.zeros(len(self.features))
        for node in reversed(range(len(self.features))):  # LightGBM numbers a child after its parent
            below = [
                (self.values[~c], counts[~c]) if c < 0 else (self.means[c], weights[c]) for c in self.children[:, node]
            ]
            weights[node] = below[0][1] + below[1][1]
            self.means[node] = (below[0][0] * below[0][1] + below[1][0] * below[1][1]) / weights[node]
        self.mean = self.means[0] if len(self.features) else self.values[0]

    def write_paths(self, table: Matrix) -> None:
        """Fill the rows of this tree's leaves, shape (leaves, n_features)."""
        if not len(self.features):
            return
        paths = {0: np.zeros(table.shape[1])}
        for node, feature in enumerate(self.features):
            way = paths.pop(node)
            for child in self.children[:, node]:
                step = way.copy()
                step[feature] += (self.values[~child] if child < 0 else self.means[child]) - self.means[node]
                if child < 0:
                    table[~child] = step
                else:
                    paths[int(child)] = step


def _blocks(text: str) -> list[dict[str, str]]:
    """Return the key=value lines of each tree."""
    trees = text.split("end of trees", 1)[0].split("\nTree=")[1:]
    return [dict(line.split("=", 1) for line in tree.splitlines()[1:] if "=" in line) for tree in trees]


def _numbers(block: dict[str, str], key: str) -> Vector:
    return np.array(block.get(key, "").split(), dtype=np.float64)
