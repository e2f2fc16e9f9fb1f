"""The time, always as an aware UTC datetime."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC.

    Examples
    --------
    >>> now().tzinfo is UTC
    True
    """
    return datetime.now(UTC)
