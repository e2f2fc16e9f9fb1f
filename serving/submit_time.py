"""Time of submit: by the service's clock, where a lead is posted as it is sent.

A server that posts leads states when the form was sent, by its own clock. Token, velocity counts and times are those of
the service, so a clock that is a minute slow would make people too fast. A lead that was sent long before it is posted
(a queue, a nightly job) keeps the stated time.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

LIVE_SECONDS = 600.0
"""A lead whose stated time is that far from its arrival, or closer, is posted as it is sent."""


class SubmitTime(NamedTuple):
    """Time of submit.

    Attributes
    ----------
    at
        By the service's clock; the stated one for a lead that was sent long before.
    behind_seconds
        How far the stated time is behind the service's clock, negative ahead of it; None without a stated time, or for
        a lead that was sent long before.
    """

    at: datetime
    behind_seconds: float | None


def submit_time(stated: datetime | None, received: datetime, shown_at: float | None) -> SubmitTime:
    """Return when a lead was sent.

    The service's time of arrival is taken where the stated time is close to it, and where the stated time cannot be
    right: later than the arrival, or earlier than the form was shown.

    Parameters
    ----------
    stated
        As received.
    received
        Arrival, by the service's clock.
    shown_at
        When the service signed the form's token, in seconds since 1970; None without a token of ours.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    >>> submit_time(now - timedelta(seconds=70), now, None) == (now, 70.0)
    True
    >>> submit_time(now - timedelta(days=1), now, None).behind_seconds is None
    True
    """
    if stated is None:
        return SubmitTime(received, None)
    behind = (received - stated).total_seconds()
    if behind <= LIVE_SECONDS or (shown_at is not None and stated.timestamp() < shown_at):
        return SubmitTime(received, behind)
    return SubmitTime(stated, None)
