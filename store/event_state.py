"""States of an outbox event."""

from __future__ import annotations

from enum import StrEnum


class EventState(StrEnum):
    """State of an outbox event."""

    PENDING = "pending"
    """Waits to be sent for the first time."""
    LEASED = "leased"
    """A worker has it."""
    RETRY = "retry"
    """Failed for a reason that passes; waits for the next attempt."""
    ACCEPTED = "accepted"
    """The platform took it. Whether it counts it is another question: see reconciliation."""
    DUPLICATE = "duplicate"
    """The platform had it already."""
    REJECTED = "rejected"
    """It can never be taken: dead letter, with a reason."""
    UNCERTAIN = "uncertain"
    """Sent without an answer to a platform that would count it twice: for a person to decide."""
    EXPIRED = "expired"
    """Too old for the platform's window."""
    SUPPRESSED = "suppressed"
    """Not to be told: consent, junk, erasure, or nothing to tell."""
    SUPERSEDED = "superseded"
    """A newer version of the same transaction took its place."""
