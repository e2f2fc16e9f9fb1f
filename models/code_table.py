"""Numbers by category code: a table with one entry for each code, and one for all other values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.base import Vector
from models.compiled import compiled


def by_code(numbers: Mapping[int, float], otherwise: float) -> Vector:
    """Return the table of `look_up`, shape (largest code + 2,); the last entry is that of all other codes.

    Examples
    --------
    >>> by_code({0: 1.5, 2: 0.5}, 1.0).tolist()
    [1.5, 1.0, 0.5, 1.0]
    """
    table = np.full(max(numbers, default=-1) + 2, otherwise)
    for code, number in numbers.items():
        table[code] = number
    return table


@compiled
def look_up(codes: Vector, table: Vector) -> Vector:
    """Return the entry of each code, shape (rows,); nan and codes that are not in the table get the last.

    Examples
    --------
    >>> look_up(np.array([0.0, 2.0, 7.0, np.nan]), by_code({0: 1.5, 2: 0.5}, 1.0)).tolist()
    [1.5, 0.5, 1.0, 1.0]
    """
    found = np.empty(len(codes))
    last = len(table) - 1
    for row in range(len(codes)):
        place = last
        if 0.0 <= codes[row] < last and codes[row] == int(codes[row]):
            place = int(codes[row])
        found[row] = table[place]
    return found
