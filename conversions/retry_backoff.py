"""Exponential backoff with full jitter for events that are sent again."""

from __future__ import annotations

import random
from datetime import timedelta

LONGEST_WAIT = timedelta(hours=6)


def retry_delay(attempts: int, first_seconds: float, at_least: timedelta | None) -> timedelta:
    """Return a random time to wait before the next attempt.

    Parameters
    ----------
    attempts
        Attempts before the one that failed.
    first_seconds
        Longest wait before the first retry; it doubles with each attempt, up to six hours.
    at_least
        Time that the platform asked to wait, or None.

    Examples
    --------
    >>> retry_delay(3, 60.0, timedelta(days=1))
    datetime.timedelta(days=1)
    """
    longest: timedelta = min(timedelta(seconds=first_seconds) * 2 ** min(attempts, 20), LONGEST_WAIT)
    wait: timedelta = longest * random.random()
    return max(wait, at_least or timedelta(0))
