"""Lookup tables by category code, with a default for all other values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from leadworth.arrays import Vector
from leadworth.compiled import compiled


def by_code(values: Mapping[int, float], default: float) -> Vector:
    """Return the table for `look_up`, shape (largest code + 2,); the last entry is the default.

    Examples
    --------
    >>> by_code({0: 1.5, 2: 0.5}, 1.0).tolist()
    [1.5, 1.0, 0.5, 1.0]
    """
    table = np.full(max(values, default=-1) + 2, default)
    for code, value in values.items():
        table[code] = value
    return table


@compiled
def look_up(codes: Vector, table: Vector) -> Vector:
    """Return the entry of each code, shape (rows,); the last entry for nan and codes that are not in the table.

    Examples
    --------
    >>> look_up(np.array([0.0, 2.0, 7.0, np.nan]), by_code({0: 1.5, 2: 0.5}, 1.0)).tolist()
    [1.5, 0.5, 1.0, 1.0]
    """
    entries = np.empty(len(codes))
    last = len(table) - 1
    for row in range(len(codes)):
        code = codes[row]
        entries[row] = table[int(code)] if 0.0 <= code < last and code == int(code) else table[last]
    return entries
