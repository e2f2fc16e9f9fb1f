"""Timestamps as the store writes them: ISO 8601 text in UTC with microseconds, which sorts by time."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """Return a timezone-aware moment as the store writes it.

    Examples
    --------
    >>> stamp(datetime(2026, 3, 1, tzinfo=UTC))
    '2026-03-01T00:00:00.000000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """Return the moment that `stamp` wrote; None stays None."""
    return None if text is None else datetime.fromisoformat(text)


def stamp_or_none(at: datetime | None) -> str | None:
    """Return a moment as the store writes it; None stays None."""
    return None if at is None else stamp(at)
