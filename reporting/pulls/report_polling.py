"""Wait for a report that a source prepares."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from leadworth.http_errors import UnansweredError

ResultT = TypeVar("ResultT")
FIRST_SECONDS = 1.0
LONGEST_SECONDS = 15.0


def wait_for(query: Callable[[], ResultT | None], timeout_seconds: float) -> ResultT:
    """Query until there is a result, with pauses that double up to 15 s.

    Parameters
    ----------
    query
        Returns the result, or None while the report is not ready.
    timeout_seconds
        Longest wait.

    Raises
    ------
    UnansweredError
        If it is not ready in time.

    Examples
    --------
    >>> wait_for(lambda: "ready", 10.0)
    'ready'
    """
    end = time.monotonic() + timeout_seconds
    pause = FIRST_SECONDS
    while True:
        result = query()
        if result is not None:
            return result
        if time.monotonic() + pause > end:
            raise UnansweredError(f"a report was not ready after {timeout_seconds:g} s")
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_SECONDS)
