"""Compiled evaluation of boosted trees by bit vectors (QuickScorer): margins and path contributions.

QuickScorer (Lucchese et al. 2015, "QuickScorer: a fast algorithm to rank documents with additive ensembles
of regression trees"): each tree has one bit for each leaf, from left to right. A split whose condition is
false clears the leaves of its left subtree; the lowest remaining bit is the exit leaf. The splits are sorted
by feature and threshold, so only false ones are visited.

Margins are bit-equal to `Booster.predict(raw_score=True)`: the same comparisons, and the same order of
addition. The contribution of a split is the mean of the child on the path minus the mean of the node,
where the mean of a node is that of the leaves below it weighted by their training rows (Saabas 2014,
"Interpreting random forests"). Along a path these differences telescope: baseline + contributions = margin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from leadworth.arrays import Indices, Matrix, Vector
from leadworth.compiled import compiled
from leadworth.errors import BundleError
from models.tree_text import Node, Tree

MOST_LEAVES = 64
"""Maximum leaves of a tree: one bit each."""

FEATURE = np.dtype(
    [(name, np.int64) for name in ("column", "start", "end", "missing_end", "first_code", "codes")], align=True
)
"""Splits of one column: [start, end) by ascending threshold, [end, missing_end) those that send nan to the right.
Splits by category: from `offsets[first_code + code]` for each code below `codes`, then for all other codes."""
SPLIT = np.dtype([("threshold", np.float64), ("keeps", np.uint64), ("tree", np.int64)], align=True)
"""A split: the bits of the leaves that remain if it sends a row to the right."""
STEP = np.dtype([("column", np.int64), ("amount", np.float64)], align=True)
"""Contribution of a column on the path to a leaf."""

_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_ONE = np.uint64(1)
_MAGIC = np.uint64(0x03F7_9D71_B4CB_0A89)
_TOP = np.uint64(58)
_POSITIONS = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _POSITIONS[((1 << _bit) * int(_MAGIC) & int(_ALL)) >> 58] = _bit
_ZERO = float(np.float32(1e-35))

Records = NDArray[np.void]
Splits = tuple[Records, Records, Indices]
Arrays = tuple[Splits, tuple[Indices, Indices, Vector], tuple[Indices, Records]]


@dataclass(frozen=True)
class Forest:
    """Several ensembles on the same columns, as arrays.

    Attributes
    ----------
    columns
        Minimum number of columns of a matrix.
    features, splits, offsets
        The splits by column; see `FEATURE` and `SPLIT`.
    leaves
        First leaf of each tree, and the number of leaves.
    ensembles
        First tree of each ensemble, and the number of trees.
    values
        Value of each leaf.
    paths, steps
        First step of each leaf, and the contributions of the columns on its path; see `STEP`.
    baselines
        Mean margin of the training rows by each ensemble.
    """

    columns: int
    features: Records
    splits: Records
    offsets: Indices
    leaves: Indices
    ensembles: Indices
    values: Vector
    paths: Indices
    steps: Records
    baselines: tuple[float, ...]

    @classmethod
    def of(cls, ensembles: Sequence[Sequence[Tree]]) -> Self:
        """Compile ensembles.

        Raises
        ------
        BundleError
            If a tree has more than 64 leaves or treats 0 as missing.
        """
        trees = [tree for ensemble in ensembles for tree in ensemble]
        for tree in trees:
            _check(tree)
        features, splits, offsets = _by_column(trees)
        paths = [tree.paths()[leaf] for tree in trees for leaf in tree.order()]
        steps = [(column, amount) for path in paths for column, amount in path.items()]
        return cls(
            int(features["column"].max(initial=-1)) + 1,
            features,
            splits,
            offsets,
            _starts([len(tree.values) for tree in trees]),
            _starts([len(ensemble) for ensemble in ensembles]),
            np.concatenate([np.zeros(0), *(tree.values[tree.order()] for tree in trees)]),
            _starts([len(path) for path in paths]),
            np.array(steps, dtype=STEP),
            tuple(float(sum(tree.mean for tree in ensemble)) for ensemble in ensembles),
        )

    def margins(self, matrix: Matrix) -> Matrix:
        """Return the margin of each row by each ensemble, shape (rows, ensembles)."""
        return self._evaluate(matrix, -1)[0]

    def contributions(self, matrix: Matrix, ensemble: int) -> tuple[Matrix, Matrix]:
        """Return the margins, and the contribution of each column to that of one ensemble.

        Parameters
        ----------
        matrix
            Features, shape (rows, columns).
        ensemble
            Index of the ensemble.

        Returns
        -------
        tuple
            Margins, shape (rows, ensembles), and contributions, shape (rows, columns).
        """
        return self._evaluate(matrix, ensemble)

    def _evaluate(self, matrix: Matrix, explained: int) -> tuple[Matrix, Matrix]:
        if matrix.shape[1] < self.columns:
            raise BundleError(
                f"a matrix has {matrix.shape[1]} columns",
                allowed=f"at least {self.columns}, those of the trees",
                do="use the feature spec of the same bundle",
            )
        return evaluate(np.ascontiguousarray(matrix, dtype=np.float64), explained, self._arrays)

    @cached_property
    def _arrays(self) -> Arrays:
        splits = self.features, self.splits, self.offsets
        return splits, (self.leaves, self.ensembles, self.values), (self.paths, self.steps)


def _check(tree: Tree) -> None:
    if len(tree.values) > MOST_LEAVES:
        raise BundleError(
            f"a tree has {len(tree.values)} leaves", allowed=f"at most {MOST_LEAVES}", do="train with smaller trees"
        )
    if tree.zero_is_missing:
        raise BundleError("a tree treats 0 as missing", allowed="nan as missing", do="train without zero_as_missing")


def _starts(sizes: Sequence[int]) -> Indices:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _by_column(trees: Sequence[Tree]) -> tuple[Records, Records, Indices]:
    """Return the splits of all trees by column, and the offsets of the categories; see `FEATURE` and `SPLIT`."""
    nodes = [(node, _kept_bits(tree, node), number) for number, tree in enumerate(trees) for node in tree.nodes]
    features: list[tuple[int, ...]] = []
    splits: list[tuple[float, int, int]] = []
    offsets: list[int] = []

    def add(selected: Iterable[tuple[Node, int, int]]) -> int:
        """Append splits and return the new end."""
        splits.extend((node.threshold, keeps, tree) for node, keeps, tree in selected)
        return len(splits)

    for column in sorted({node.column for node, _, _ in nodes}):
        own = [split for split in nodes if split[0].column == column]
        start = len(splits)
        numeric = [split for split in own if split[0].codes is None]
        end = add(sorted(numeric, key=lambda split: split[0].threshold))
        missing_end = add(split for split in own if not split[0].nan_goes_left)
        by_code = [(split, split[0].codes) for split in own if split[0].codes is not None]
        codes = 1 + max((code for _, left_codes in by_code for code in left_codes), default=-1)
        first_code = len(offsets)
        for code in range(codes + 1):
            offsets.append(len(splits))
            add(split for split, left_codes in by_code if code not in left_codes)
        offsets.append(len(splits))
        features.append((column, start, end, missing_end, first_code, codes))
    return np.array(features, dtype=FEATURE), np.array(splits, dtype=SPLIT), np.array(offsets, dtype=np.int64)


def _kept_bits(tree: Tree, node: Node) -> int:
    """Return the bits of a tree without the leaves on the left of a split."""
    position = {leaf: bit for bit, leaf in enumerate(tree.order())}
    return int(_ALL) - sum(1 << position[leaf] for leaf in tree.leaves_below(node.left))


@compiled
def evaluate(matrix: Matrix, explained: int, arrays: Arrays) -> tuple[Matrix, Matrix]:
    """Return the margins, shape (rows, ensembles), and the contributions to the margin of one ensemble.

    The contributions have shape (rows, columns), or (0, columns) if `explained` is -1.
    """
    splits, (leaves, ensembles, values), (paths, steps) = arrays
    rows, n_columns = matrix.shape
    margins = np.zeros((rows, len(ensembles) - 1))
    parts = np.zeros((rows if explained >= 0 else 0, n_columns))
    alive = np.empty(len(leaves) - 1, dtype=np.uint64)
    for row in range(rows):
        alive[:] = _ALL
        clear(matrix[row], splits, alive)
        for ensemble in range(len(ensembles) - 1):
            margin = 0.0
            for tree in range(ensembles[ensemble], ensembles[ensemble + 1]):
                bits = alive[tree]
                lowest = bits & (~bits + _ONE)
                leaf = leaves[tree] + _POSITIONS[(lowest * _MAGIC) >> _TOP]
                margin += values[leaf]
                if ensemble == explained:
                    for at in range(paths[leaf], paths[leaf + 1]):
                        parts[row, steps[at]["column"]] += steps[at]["amount"]
            margins[row, ensemble] = margin
    return margins, parts


@compiled
def clear(row: Vector, arrays: Splits, alive: NDArray[np.uint64]) -> None:
    """Clear the bits of the leaves that a row cannot reach; `alive` has one word for each tree."""
    features, splits, offsets = arrays
    for feature in features:
        value = row[feature["column"]]
        if np.isnan(value):
            for at in range(feature["end"], feature["missing_end"]):
                alive[splits[at]["tree"]] &= splits[at]["keeps"]
            continue
        if -_ZERO <= value <= _ZERO:
            value = 0.0
        for at in range(feature["start"], feature["end"]):
            if splits[at]["threshold"] >= value:
                break
            alive[splits[at]["tree"]] &= splits[at]["keeps"]
        if feature["codes"] > 0:
            code = feature["codes"]
            if -1.0 < value < feature["codes"]:
                code = int(value)
            for at in range(offsets[feature["first_code"] + code], offsets[feature["first_code"] + code + 1]):
                alive[splits[at]["tree"]] &= splits[at]["keeps"]
