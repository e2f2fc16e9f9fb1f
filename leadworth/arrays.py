"""Types of numpy arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
"""Numbers, shape (n,)."""
Matrix = NDArray[np.float64]
"""Numbers, shape (rows, columns)."""
Flags = NDArray[np.bool_]
"""Booleans."""
Indices = NDArray[np.int64]
"""Row numbers, positions or counts."""
