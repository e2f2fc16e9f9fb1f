"""Payloads and the platform's answers about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from store.event_state import EventState


@dataclass(frozen=True, slots=True)
class Payload:
    """An event in the form of a platform.

    Attributes
    ----------
    transaction_id
        Transaction id of the event.
    route
        Payloads of different routes go in different requests.
    body
        JSON of one element.
    """

    transaction_id: str
    route: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """A platform's answer about one event.

    Attributes
    ----------
    state
        ACCEPTED, DUPLICATE, RETRY, REJECTED or UNCERTAIN; the last says that the platform may have it.
    code
        The platform's code, or one of ours; never its free text, which may repeat what was sent.
    after
        For RETRY: least time to wait; None where the platform named none.
    receipt
        Id by which the status can be queried later.
    shut
        The platform refused our credentials: no event is at fault, and no attempt counts.
    """

    state: EventState
    code: str = ""
    after: timedelta | None = None
    receipt: str = ""
    shut: bool = False


def accepted(batch: Sequence[Payload], receipt: str = "") -> list[DeliveryResult]:
    """Return ACCEPTED for every payload of a batch."""
    return [DeliveryResult(EventState.ACCEPTED, receipt=receipt)] * len(batch)


@dataclass(frozen=True)
class ReceiptStatus:
    """Status of the events of one receipt.

    Attributes
    ----------
    finished
        False while the platform still processes them.
    processed, failed
        Events.
    reasons
        Code -> events that failed with it.
    """

    finished: bool
    processed: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
