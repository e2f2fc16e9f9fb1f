"""One ensemble of boosted trees: LightGBM's text, and its margins and contributions."""

from __future__ import annotations

from functools import cached_property

from leadworth.errors import BundleError
from models.base import Matrix, Vector
from models.forest_kernel import Forest
from models.tree_text import Tree, column_count, read_trees


class Trees:
    """An ensemble of LightGBM trees.

    Parameters
    ----------
    text
        The model as `Booster.model_to_string` writes it.

    Raises
    ------
    BundleError
        Where the text is not a LightGBM model, or has trees that `Forest` does not evaluate.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        try:
            self.structure: tuple[Tree, ...] = read_trees(text)
            self._columns = column_count(text)
        except (KeyError, ValueError, IndexError) as error:
            raise BundleError(f"a model is not LightGBM text: {error!r}", do="train and register it again") from error
        self.baseline = float(sum(tree.mean for tree in self.structure))

    @property
    def n_features(self) -> int:
        """Number of columns that a matrix must have."""
        return self._columns

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
        """Return the margins, shape (rows,), and the contributions, shape (rows, n_features)."""
        margins, parts = self._forest.contributions(matrix, 0)
        return margins[:, 0], parts

    @cached_property
    def _forest(self) -> Forest:
        return Forest.of([self.structure])
