"""Expiry of API keys: read from the command line, and shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from leadworth.errors import InputError

NEAR = timedelta(days=14)
"""Before its expiry a key is named by `leadworth doctor` and `leadworth keys list`."""
_DURATION = re.compile(r"(\d{1,5})([dh])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}
_ALLOWED = (
    "days or hours from now such as 90d or 12h, or a date such as 2027-01-31, from whose begin (UTC) it is refused"
)


def read_duration(text: str) -> timedelta | None:
    """Return a duration in days or hours; None if the text is not one.

    Examples
    --------
    >>> read_duration("90d"), read_duration("2027-01-31")
    (datetime.timedelta(days=90), None)
    """
    match = _DURATION.fullmatch(text.strip().lower())
    return None if match is None else int(match[1]) * _UNITS[match[2]]


def read_expiry(text: str, now: datetime) -> datetime:
    """Return the moment from which a key is refused.

    Parameters
    ----------
    text
        Duration from now, or a date or time of ISO 8601; without a zone it is UTC.
    now
        Timezone-aware current time.

    Raises
    ------
    InputError
        If the text is neither, or the moment is past.

    Examples
    --------
    >>> read_expiry("2027-01-31", datetime(2026, 11, 1, tzinfo=UTC)).isoformat()
    '2027-01-31T00:00:00+00:00'
    """
    duration = read_duration(text)
    if duration is not None:
        expires_at = now + duration
    else:
        try:
            expires_at = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise InputError(f"the expiry {text!r} cannot be read", allowed=_ALLOWED) from error
        expires_at = expires_at.replace(tzinfo=UTC) if expires_at.tzinfo is None else expires_at.astimezone(UTC)
    if expires_at <= now:
        raise InputError(f"the expiry {text!r} is not in the future", allowed=_ALLOWED)
    return expires_at
