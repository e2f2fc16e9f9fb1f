"""Decorator that compiles numeric loops to machine code with numba.

The machine code is cached in `NUMBA_CACHE_DIR`, ``__pycache__`` of the module, or the user's cache folder. If none of
them is writable, each process compiles a loop when it is first called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function of numbers and arrays that is compiled on its first call and releases the interpreter lock.

    Examples
    --------
    >>> compiled(lambda number: number + 1)(2)
    3
    """
    try:
        cached: Callable[P, R] = njit(cache=True, nogil=True)(function)
        return cached
    except RuntimeError:  # "no locator available": no writable cache folder
        uncached: Callable[P, R] = njit(nogil=True)(function)
        return uncached
