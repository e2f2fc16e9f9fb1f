"""Compile the numeric loops of scoring to machine code.

Machine code is kept on disk where some folder can be written: `NUMBA_CACHE_DIR`, ``__pycache__`` beside
the module, or the user's cache folder. On a read-only installation without any of them a process compiles
the loops once, when it loads a bundle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function of numbers and arrays, compiled on its first call; the interpreter lock is released.

    Examples
    --------
    >>> compiled(lambda number: number + 1)(2)
    3
    """
    try:
        kept: Callable[P, R] = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # "no locator available": nowhere to write
        kept = njit(nogil=True)(function)
    return kept
