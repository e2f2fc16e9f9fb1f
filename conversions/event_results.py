"""Result of one outbox event, as it is written back: delivered, to be retried, or given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from conversions.retry_backoff import retry_delay
from store.event_state import DELIVERED, EventState
from store.timestamps import stamp

if TYPE_CHECKING:
    from conversions.capabilities import Capabilities
    from conversions.delivery_results import DeliveryResult
    from leadworth.export_settings import ExportSettings
    from store.outbox import Row


@dataclass
class EventResult:
    """New column values of an event; see `store.outbox_leases.settle`.

    Attributes
    ----------
    keep_payload
        Whether the encrypted identifiers may be needed for another attempt.
    consent
        Entries of the consent log that allowed or forbade the event, as JSON.
    repairs
        Optional fields that were corrected or dropped, joined by semicolons.
    """

    event_id: str
    state: str
    code: str
    attempts: int
    not_before: str
    in_doubt_until: str | None
    sent_value: str | None = None
    receipt: str | None = None
    keep_payload: bool = True
    consent: str | None = None
    repairs: str | None = None

    @classmethod
    def of(
        cls, row: Row, state: EventState, code: str, not_before: datetime, consent: str | None = None
    ) -> EventResult:
        """Return the result of an outbox row that keeps its other columns."""
        return cls(
            event_id=row["event_id"],
            state=state.value,
            code=code[:64],
            attempts=row["attempts"],
            not_before=stamp(not_before),
            in_doubt_until=row["in_doubt_until"],
            keep_payload=state is not EventState.SUPPRESSED,
            consent=consent or row["consent"],
            repairs=row["repairs"],
        )

    def columns(self) -> Row:
        """Return the values by column name."""
        return dict(vars(self))


def result_of_delivery(
    row: Row,
    value: Decimal,
    delivery: DeliveryResult,
    limits: Capabilities,
    settings: ExportSettings,
    now: datetime,
) -> EventResult:
    """Return the result of an event that was sent.

    An event that may have arrived without an answer is in doubt for twice the time-out. It is sent again only
    to a platform that recognises repetitions; elsewhere it stays uncertain.

    Parameters
    ----------
    row
        The outbox row.
    value
        What was sent.
    delivery
        The platform's answer.
    limits
        What the platform allows.
    settings
        Section `[export]` of the settings.
    now
        Timezone-aware current time.
    """
    result = EventResult.of(row, delivery.state, delivery.code, now)
    if delivery.state in DELIVERED:
        in_doubt = row["in_doubt_until"] if row["in_doubt_until"] and row["in_doubt_until"] > stamp(now) else None
        result.sent_value = str(value)
        result.receipt = delivery.receipt or None
        result.keep_payload = False
        result.in_doubt_until = in_doubt
        return result
    if delivery.state is EventState.REJECTED:
        return result
    counted = delivery.code != "paced" and not delivery.shut
    result.attempts = row["attempts"] + counted
    last_attempt = result.attempts >= settings.most_attempts
    in_doubt = row["in_doubt_until"]
    if delivery.state is EventState.UNCERTAIN:
        in_doubt = stamp(now + timedelta(seconds=2 * settings.timeout_seconds))
    if in_doubt is not None and (last_attempt or limits.repeats is None):
        result.state = EventState.UNCERTAIN.value
        return result
    if last_attempt:
        result.state = EventState.REJECTED.value
        result.code = f"attempts: {delivery.code}"[:64]
        return result
    wait = retry_delay(row["attempts"], settings.retry_seconds, delivery.after)
    result.state = EventState.RETRY.value
    result.not_before = stamp(now + wait)
    result.in_doubt_until = in_doubt
    return result
