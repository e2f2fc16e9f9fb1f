"""Parser of the LightGBM text format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from leadworth.arrays import Indices, Vector

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_TYPE_SHIFT, _MISSING_ZERO, _MISSING_NAN = 2, 1, 2
_WORD_BITS = 32


@dataclass(frozen=True)
class Node:
    """A split: a row goes left if the column is at most `threshold`, or its category is among `codes`.

    Attributes
    ----------
    column, threshold, codes
        Column and condition; `codes` is None for a numeric column.
    nan_goes_left
        Direction of missing values.
    left, right
        Children: the index of a node, or -1 - index of a leaf.
    """

    column: int
    threshold: float
    codes: frozenset[int] | None
    nan_goes_left: bool
    left: int
    right: int


@dataclass(frozen=True)
class Tree:
    """A tree of an ensemble.

    Attributes
    ----------
    nodes
        The splits; the first is the root, and parents precede their children.
    values, counts
        Value and training rows of each leaf, shape (leaves,).
    zero_is_missing
        Whether a split treats 0 as missing.
    """

    nodes: tuple[Node, ...]
    values: Vector
    counts: Vector
    zero_is_missing: bool = False

    @classmethod
    def of(cls, block: dict[str, str]) -> Self:
        """Parse the key=value lines of a tree."""
        kinds = _integers(block, "decision_type")
        missing = (kinds >> _MISSING_TYPE_SHIFT) & 3
        words = [int(word) for word in block.get("cat_threshold", "").split()]
        bounds = [int(bound) for bound in block.get("cat_boundaries", "").split()]
        columns = zip(
            *(_integers(block, key).tolist() for key in ("split_feature", "left_child", "right_child")),
            _floats(block, "threshold").tolist(),
            kinds.tolist(),
            missing.tolist(),
            strict=True,
        )
        nodes = []
        for column, left, right, threshold, kind, missing_type in columns:
            codes = None
            nan_goes_left = bool(kind & _DEFAULT_LEFT) if missing_type == _MISSING_NAN else threshold >= 0.0
            if kind & _CATEGORICAL:
                codes = _codes(words[bounds[int(threshold)] : bounds[int(threshold) + 1]])
                nan_goes_left = False
            nodes.append(Node(column, threshold, codes, nan_goes_left, left, right))
        values = _floats(block, "leaf_value")
        if len(values) != int(block["num_leaves"]):
            raise ValueError(f"a tree of {block['num_leaves']} leaves has {len(values)} values")
        counts = np.maximum(_floats(block, "leaf_count"), 1.0) if nodes else np.ones(len(values))
        return cls(tuple(nodes), values, counts, bool((missing == _MISSING_ZERO).any()))

    def means(self) -> Vector:
        """Return the mean margin of each node, shape (nodes,)."""
        means = np.zeros(len(self.nodes))
        weights = np.zeros(len(self.nodes))
        for number in reversed(range(len(self.nodes))):
            node = self.nodes[number]
            below = [
                (self.values[~child], self.counts[~child]) if child < 0 else (means[child], weights[child])
                for child in (node.left, node.right)
            ]
            weights[number] = below[0][1] + below[1][1]
            means[number] = (below[0][0] * below[0][1] + below[1][0] * below[1][1]) / weights[number]
        return means

    def leaves_below(self, child: int) -> list[int]:
        """Return the leaves below a child, from left to right."""
        if child < 0:
            return [~child]
        node = self.nodes[child]
        return [*self.leaves_below(node.left), *self.leaves_below(node.right)]

    def order(self) -> list[int]:
        """Return all leaves from left to right."""
        return self.leaves_below(0) if self.nodes else [0]

    def paths(self) -> list[dict[int, float]]:
        """Return the contributions of the columns on the path to each leaf, in the order of `values`."""
        means = self.means()
        steps: list[dict[int, float]] = [{} for _ in self.nodes]
        paths: list[dict[int, float]] = [{} for _ in self.values]
        for number, node in enumerate(self.nodes):
            for child in (node.left, node.right):
                mean = self.values[~child] if child < 0 else means[child]
                path = dict(steps[number])
                path[node.column] = path.get(node.column, 0.0) + float(mean - means[number])
                if child < 0:
                    paths[~child] = path
                else:
                    steps[child] = path
        return paths

    @property
    def mean(self) -> float:
        """Mean margin of the training rows."""
        return float(self.means()[0] if self.nodes else self.values[0])


def read_trees(text: str) -> tuple[Tree, ...]:
    """Return the trees of a model.

    Raises
    ------
    ValueError
        If the text is incomplete or not a model.
    """
    head, end, _ = text.partition("end of trees")
    blocks = [_pairs(block) for block in head.split("\nTree=")]
    sizes = blocks[0].get("tree_sizes", "").split()
    if not end or len(blocks) - 1 != len(sizes):
        raise ValueError(f"{len(blocks) - 1} trees instead of {len(sizes)}, or no end of trees")
    return tuple(Tree.of(block) for block in blocks[1:])


def _pairs(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _codes(words: Sequence[int]) -> frozenset[int]:
    return frozenset(
        _WORD_BITS * index + bit for index, word in enumerate(words) for bit in range(_WORD_BITS) if word >> bit & 1
    )


def _floats(block: dict[str, str], key: str) -> Vector:
    return np.array(block.get(key, "").split(), dtype=np.float64)


def _integers(block: dict[str, str], key: str) -> Indices:
    return _floats(block, key).astype(np.int64)
