"""States of an outbox event."""

from __future__ import annotations

from enum import StrEnum


class EventState(StrEnum):
    """State of an outbox event."""

    PENDING = "pending"
    """Not sent yet."""
    RETRY = "retry"
    """The last attempt failed for a transient reason; the next attempt is scheduled."""
    ACCEPTED = "accepted"
    """The platform accepted it. Whether it was processed is known from reconciliation."""
    DUPLICATE = "duplicate"
    """The platform had it already."""
    REJECTED = "rejected"
    """The platform can never accept it: dead letter, with a reason."""
    UNCERTAIN = "uncertain"
    """Sent without an answer to a platform that would count it twice: a person decides."""
    EXPIRED = "expired"
    """Older than the platform's window."""
    SUPPRESSED = "suppressed"
    """Not to be sent: consent, junk, erasure, or no action for it."""
    SUPERSEDED = "superseded"
    """Replaced by a newer version of the same transaction."""


WAITING = (EventState.PENDING, EventState.RETRY)
"""To be sent. While a worker sends it, `leased_by` names the worker: no index has that column, so leasing is cheap."""
DELIVERED = (EventState.ACCEPTED, EventState.DUPLICATE)
"""The platform has it."""
