"""Ensemble of boosted trees: LightGBM text, margins and contributions."""

from __future__ import annotations

from functools import cached_property

from leadworth.arrays import Matrix, Vector
from leadworth.errors import BundleError
from models.forest_kernel import Forest
from models.tree_text import Tree, read_trees


class Trees:
    """An ensemble of LightGBM trees.

    Parameters
    ----------
    text
        Result of `Booster.model_to_string`.

    Raises
    ------
    BundleError
        If the text is not a LightGBM model, or has trees that `Forest` does not support.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self.structure: tuple[Tree, ...] = read_trees(text)
        except (KeyError, ValueError, IndexError) as error:
            raise BundleError(f"a model is not LightGBM text: {error!r}", do="train and register it again") from error
        self.baseline = float(sum(tree.mean for tree in self.structure))

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.structure)

    def to_text(self) -> str:
        """Return the ensemble as LightGBM text."""
        return self._text

    def raw(self, matrix: Matrix) -> Vector:
        """Return the margin of each row, shape (rows,)."""
        return self._forest.margins(matrix)[:, 0]

    def contributions(self, matrix: Matrix) -> tuple[Vector, Matrix]:
        """Return the margins, shape (rows,), and the contributions, shape (rows, columns)."""
        margins, parts = self._forest.contributions(matrix, 0)
        return margins[:, 0], parts

    @cached_property
    def _forest(self) -> Forest:
        return Forest.of([self.structure])
