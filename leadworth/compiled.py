"""Decorator that compiles numeric loops to machine code with numba.

The machine code is cached in `NUMBA_CACHE_DIR`, ``__pycache__`` of the module, or the user's cache folder. If none of
them is writable, each process compiles a loop when it is first called. The first compilation of a process is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np
from numba import njit
from numba.core import event

P = ParamSpec("P")
R = TypeVar("R")

ZERO: int = np.int64(0)  # type: ignore[assignment]
"""First value of an integer that is passed on: numba would compile the function that gets it for 0 and for others."""

NOTICE = "Compiling the scoring loops for this processor: some 10 s, once per installation"

log = logging.getLogger(__name__)


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


class _Notice(event.Listener):
    """Logs once that compilation begins; code that is read from the cache is no event."""

    is_logged = False

    def on_start(self, _: event.Event) -> None:
        if not self.is_logged:
            self.is_logged = True
            # A warning, because commands show nothing below; the service logs it as a line of JSON.
            log.warning(NOTICE)

    def on_end(self, _: event.Event) -> None:
        """Do nothing."""


event.register("numba:compile", _Notice())  # type: ignore[no-untyped-call]
