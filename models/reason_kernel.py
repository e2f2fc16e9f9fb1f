"""Select the strongest contributions of many rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.base import Matrix
from models.compiled import compiled


@compiled
def strongest(
    matrix: Matrix, contributions: Matrix, count: int, least: float
) -> tuple[NDArray[np.int64], Matrix, Matrix]:
    """Return the contributions of largest size, in falling order; of equal ones the first.

    Parameters
    ----------
    matrix
        Features, shape (rows, n_features).
    contributions
        Shape (rows, columns), the features first.
    count
        How many to return.
    least
        Contributions of at most this size are left out.

    Returns
    -------
    Columns, shape (rows, count), -1 where there are fewer; their features, shape (rows, count), nan where a column is
    no feature; and the contributions with the sum of all others in the last column, shape (rows, count + 1).
    """
    rows, n_columns = contributions.shape
    n_features = matrix.shape[1]
    columns = np.full((rows, count), -1, dtype=np.int64)
    values = np.full((rows, count), np.nan)
    amounts = np.zeros((rows, count + 1))
    for row in range(rows):
        found = 0
        other = 0.0
        for column in range(n_columns):
            amount = contributions[row, column]
            other += amount
            size = abs(amount)
            if size <= least or (found == count and size <= abs(amounts[row, count - 1])):
                continue
            place = found if found < count else count - 1
            while place > 0 and size > abs(amounts[row, place - 1]):
                amounts[row, place] = amounts[row, place - 1]
                columns[row, place] = columns[row, place - 1]
                place -= 1
            amounts[row, place] = amount
            columns[row, place] = column
            found = min(found + 1, count)
        for place in range(found):
            other -= amounts[row, place]
            if columns[row, place] < n_features:
                values[row, place] = matrix[row, columns[row, place]]
        amounts[row, count] = other
    return columns, values, amounts
