"""Status of the outbox: events by platform and state, sums, differences, and why an event was not sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from conversions.reconciliation import Difference, processing_differences
from conversions.stage_events import JUNK, NEGATIVE, NO_ACTION, TOO_OLD, WAITS
from leadworth.platform_catalog import platforms
from store import outbox_totals, receipts
from store.event_state import WAITING, EventState
from store.outbox_queries import events_of_lead
from store.platform_limits import open_circuits

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REASONS = {
    "no-consent": "no consent is recorded, or it was withdrawn",
    "no-identifiers": "the lead has no identifier that this platform accepts",
    JUNK: "the lead was found to be junk before it was sent",
    "erased": "the person was erased",
    NEGATIVE: "the lead is worth less than was sent, and this platform cannot reduce a value",
    NO_ACTION: "the settings name no action for this stage",
    TOO_OLD: "older than the platform's window",
    "too-old": "older than the platform's window",
    WAITS: "waits until the stage before it is sent; a plan after that adds it",
    "held-new-model": "held until enough leads show how far the new model changes this channel",
    "paced": "rate limit of the platform, or end of the lease",
    "door-closed": "circuit breaker open, the platform refuses credentials or settings: see `leadworth export doctor`",
    "lease-ended": "the worker died; the event may have been sent",
    "never-told": "there was nothing to retract",
    "told-again": "sent again after a transient failure at the platform",
    "plain-email": "the payload held an e-mail address that was not hashed",
    "perhaps-sent": "it may have arrived, and would count twice",
    "sealed-otherwise": "encrypted with another LEADWORTH_SECRET",
    "no-identifiers-kept": "the identifiers were deleted, by retention or erasure",
}


@dataclass(frozen=True)
class PlatformStatus:
    """Status of one platform.

    Attributes
    ----------
    states
        State -> events.
    sent_value
        Sum of the sent values of all newest versions, in the currency of the settings.
    surplus
        How much more was sent than leads were worth in the end, because the platform cannot reduce a value.
    accepted, processed, failed
        Events of receipts with a status.
    oldest
        When the longest waiting event was due; None if none waits.
    closed_until, why
        Until when the circuit breaker is open, and the platform's code.
    """

    destination: str
    states: dict[str, int]
    sent_value: float
    surplus: float
    accepted: int
    processed: int
    failed: int
    oldest: str | None
    closed_until: str | None
    why: str


@dataclass
class OutboxStatus:
    """Status of the outbox.

    Attributes
    ----------
    platforms
        One entry per platform.
    reasons
        (platform, state, code) -> events, of those that were not delivered.
    differences
        Accepted and processed events by platform.
    repairs
        (platform, correction or omission of an optional field) -> events.
    """

    platforms: list[PlatformStatus] = field(default_factory=list)
    reasons: dict[tuple[str, str, str], int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    repairs: Counter[tuple[str, str]] = field(default_factory=Counter)


def outbox_status(connection: Connection, now: datetime) -> OutboxStatus:
    """Return the status of the outbox.

    Parameters
    ----------
    connection
        Connection to the store.
    now
        Timezone-aware current time.
    """
    restating = [name for name, info in platforms().items() if info.restates]
    status = OutboxStatus(differences=list(processing_differences(connection, now)))
    states: dict[str, dict[str, int]] = {}
    oldest: dict[str, str] = {}
    for count in outbox_totals.state_counts(connection):
        of_platform = states.setdefault(count.destination, {})
        of_platform[count.state] = of_platform.get(count.state, 0) + count.events
        if count.code and count.state not in (EventState.ACCEPTED, EventState.SUPERSEDED):
            status.reasons[count.destination, count.state, count.code] = count.events
        if count.state in WAITING:
            oldest[count.destination] = min(count.first_due, oldest.get(count.destination, count.first_due))
    for name, repairs, events in outbox_totals.repair_counts(connection):
        status.repairs.update({(name, repair): events for repair in repairs.split("; ")})
    sent = outbox_totals.sent_sums(connection, restating)
    surplus = outbox_totals.surplus_sums(connection)
    processed = receipts.processed_sums(connection)
    circuits = open_circuits(connection, now)
    for name in sorted(states):
        circuit = circuits.get(name)
        status.platforms.append(
            PlatformStatus(
                name,
                states[name],
                sent.get(name, 0.0),
                surplus.get(name, 0.0),
                *processed.get(name, (0, 0, 0)),
                oldest.get(name),
                circuit.open_until if circuit else None,
                circuit.code if circuit else "",
            )
        )
    return status


def timeline(connection: Connection, lead: str) -> Iterator[dict[str, Any]]:
    """Yield all events of a lead, oldest first, each with `why`, its reason in a sentence, and the consent it had."""
    for row in events_of_lead(connection, lead):
        yield {**row, "consent": json.loads(row["consent"] or "null"), "why": reason(row["code"])}


def reason(code: str) -> str:
    """Return a reason code as a sentence, or a platform's own code unchanged.

    Examples
    --------
    >>> reason("no-consent"), reason("HTTP 503")
    ('no consent is recorded, or it was withdrawn', 'HTTP 503')
    """
    return _REASONS.get(code, code)
