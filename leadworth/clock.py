"""Clock: the function that a component calls for the current time, so that a past period can be replayed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns a timezone-aware time."""


def utc_now() -> datetime:
    """Return the current time.

    Examples
    --------
    >>> str(utc_now().tzinfo)
    'UTC'
    """
    return datetime.now(UTC)
