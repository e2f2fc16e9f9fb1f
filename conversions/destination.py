"""Base class of the adapters of ad platforms.

An adapter plans (pure: an event becomes a payload, or is rejected) and sends one batch in one request. It does not
know the outbox: isolating a faulty row, retries, rate limits and the circuit breaker are written once, outside.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent
from conversions.delivery_results import DeliveryResult, Payload, ReceiptStatus


class Destination(ABC):
    """One platform.

    Parameters
    ----------
    actions
        Stage -> its name at the platform.

    Attributes
    ----------
    name
        Name of the platform's folder and section.
    limits
        What the platform allows.
    """

    name: ClassVar[str]
    limits: Capabilities

    def __init__(self, actions: Mapping[str, str]) -> None:
        self.actions = actions

    @abstractmethod
    def plan(self, event: ConversionEvent) -> Payload:
        """Return the payload of an event: normalised, hashed, complete. Pure.

        Raises
        ------
        EventRejected
            Where the event cannot be sent to this platform.
        """

    def validate(self, payload: Payload) -> None:  # noqa: B027 - most platforms ship no types
        """Check a payload against the platform's own types, where it ships any.

        Raises
        ------
        EventRejected
            Where it is not of the type.
        """

    @abstractmethod
    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send payloads of one route in one request; return the result of each, in order.

        With `dry_run`, the request is made and serialised but not sent.

        Raises
        ------
        RowsRefusedError, BusyError, UnauthorisedError, UnansweredError
            Where the platform answered for the batch as a whole.
        """

    def reconcile(self, receipt: str) -> ReceiptStatus | None:  # noqa: ARG002 - most platforms cannot be queried
        """Return the status of the events of a receipt; None where the platform cannot be queried."""
        return None

    def close(self) -> None:  # noqa: B027 - not every adapter has connections
        """Close the connections."""
