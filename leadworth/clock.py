"""The time, always as an aware UTC datetime."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


def now() -> datetime:
    """Return the present moment in UTC.

    Examples
    --------
    >>> now().tzinfo is UTC
    True
    """
    return datetime.now(UTC)


def as_utc(stamp: datetime, zone: tzinfo = UTC) -> datetime:
    """Return an instant in UTC; a naive one is read in `zone`.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> as_utc(datetime(2026, 3, 1, 10), ZoneInfo("Europe/Rome")).isoformat()
    '2026-03-01T09:00:00+00:00'
    """
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)).astimezone(UTC)
