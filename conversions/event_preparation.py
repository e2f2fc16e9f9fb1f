"""Turn outbox rows into payloads of a platform, checking consent, erasure, window and value.

Nothing is sent here. An event that must not be sent becomes an `EventResult` with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog

from conversions.consent_evidence import consent_evidence
from conversions.conversion_event import ConversionEvent, EventKind, PersonIdentifiers
from conversions.delivery_errors import EventRejected
from conversions.delivery_results import Payload
from conversions.event_checks import check, no_plain_address
from conversions.event_repairs import OUTSIDE_WINDOW, Repairs, repair_clicks, repair_identifiers
from conversions.event_results import EventResult
from conversions.person_identifiers import PLATFORM_IDS, from_json
from conversions.sent_values import SentValues, load_sent_values
from conversions.stage_events import NO_ACTION
from leadworth.consent import Consent
from leadworth.errors import ConfigurationError
from leadworth.platform_catalog import platforms
from store import consents, erasures, outbox_queries
from store.event_state import EventState
from store.outbox import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversions.destination import Destination
    from leadworth.encryption import IdentifierCipher
    from leadworth.settings import Settings

log = structlog.get_logger()

HOLD = timedelta(hours=1)
VALUES_SECONDS = 60.0
"""How long the value policy of a platform is cached."""


@dataclass(frozen=True)
class PreparedEvent:
    """Outbox row with its payload, the value in it, the consent that allows it, and the repaired fields."""

    row: Row
    payload: Payload
    value: Decimal
    consent: str
    repairs: Repairs = ()


@dataclass
class PreparedBatch:
    """Events to send, and results of those that must not be sent."""

    events: list[PreparedEvent] = field(default_factory=list)
    results: list[EventResult] = field(default_factory=list)


class EventPreparation:
    """Prepares events for one platform.

    Parameters
    ----------
    destination
        The platform.
    settings
        Application settings.
    cipher
        Decrypts the identifiers.
    """

    def __init__(self, destination: Destination, settings: Settings, cipher: IdentifierCipher) -> None:
        self._destination = destination
        self._settings = settings
        self._cipher = cipher
        info = platforms()[destination.name]
        self._click_ids = tuple(info.click_ids)
        self._platform_ids = tuple(name for name in PLATFORM_IDS if name in {*info.click_ids, *info.match_by})
        self._consent_assumed_in = frozenset(country.upper() for country in settings.export.consent.assume_granted_in)
        self._sent_values: tuple[float, SentValues] | None = None

    def prepare(self, connection: Connection, rows: Sequence[Row], now: datetime) -> PreparedBatch:
        """Return the payloads of outbox rows, and the results of those that must not be sent."""
        leads = [row["lead_id"] for row in rows]
        updates = [row["transaction_id"] for row in rows if row["kind"] != EventKind.CONVERSION]
        records = consents.records_of_leads(connection, leads)
        erased = erasures.erased_leads(connection, leads, self._cipher.lead_digest)
        sent = outbox_queries.transactions_sent(connection, self._destination.name, updates)
        values = self._load_sent_values(connection, now)
        batch = PreparedBatch()
        for row in rows:
            of_lead = records.get(row["lead_id"], {})
            try:
                value = values.of(row)
                if row["lead_id"] in erased and row["kind"] != EventKind.RETRACTION:
                    raise EventRejected("erased", "the person was erased", EventState.SUPPRESSED)
                if value is None:
                    batch.results.append(_unsent(row, EventState.RETRY, "held-new-model", now + HOLD, of_lead))
                    continue
                prepared = self._prepare(row, value, of_lead, sent, now)
            except EventRejected as refused:
                batch.results.append(_unsent(row, refused.state, refused.code, now, of_lead))
            except Exception as error:  # one invalid row must not block the others
                log.error("event cannot be prepared", event_id=row["event_id"], error=type(error).__name__)
                code = f"unusable: {type(error).__name__}"
                batch.results.append(_unsent(row, EventState.REJECTED, code, now, of_lead))
            else:
                batch.events.append(prepared)
        return batch

    def _load_sent_values(self, connection: Connection, now: datetime) -> SentValues:
        if self._sent_values is None or time.monotonic() - self._sent_values[0] > VALUES_SECONDS:
            values = load_sent_values(connection, self._destination.name, self._settings, now)
            self._sent_values = time.monotonic(), values
        return self._sent_values[1]

    def _prepare(
        self, row: Row, value: Decimal, records: consents.Records, sent: set[str], now: datetime
    ) -> PreparedEvent:
        limits = self._destination.limits
        if row["in_doubt_until"] is not None and (
            limits.repeats is None or now - datetime.fromisoformat(row["first_sent_at"]) > limits.repeats
        ):
            raise EventRejected("perhaps-sent", "it may have arrived, and would count twice", EventState.UNCERTAIN)
        if row["stage"] not in self._destination.actions:  # it was taken out of the settings while the event waited
            raise EventRejected(NO_ACTION, "the settings name no action for this stage")
        if row["payload"] is None:
            raise EventRejected("no-identifiers-kept", "the identifiers were deleted", EventState.SUPPRESSED)
        try:
            content: dict[str, Any] = self._cipher.decrypt(row["payload"])
        except ConfigurationError:
            raise EventRejected("sealed-otherwise", "encrypted with another secret") from None
        identity, repairs = repair_identifiers(from_json(content, self._platform_ids))
        consent = consents.consent_in(records).settled(identity.region, self._consent_assumed_in)
        event = self._event(row, value, content, identity, consent, sent)
        event, repairs_of_clicks = repair_clicks(event, self._click_ids, limits, now)
        check(event, limits, now)
        try:
            payload = self._destination.plan(event)
        except EventRejected as refused:
            if any(repair.endswith(OUTSIDE_WINDOW) for repair in repairs_of_clicks):
                raise EventRejected("too-old", "the click is outside the window", EventState.EXPIRED) from refused
            raise
        no_plain_address(payload.body)
        evidence = consent_evidence(records, event.consent, identity.region)
        return PreparedEvent(row, payload, value, evidence, repairs + repairs_of_clicks)

    def _event(
        self,
        row: Row,
        value: Decimal,
        content: Mapping[str, Any],
        identity: PersonIdentifiers,
        consent: Consent,
        sent: set[str],
    ) -> ConversionEvent:
        happened_at = datetime.fromisoformat(row["happened_at"])
        return ConversionEvent(
            transaction_id=row["transaction_id"],
            stage=row["stage"],
            kind=_kind(row, sent),
            happened_at=happened_at,
            updated_at=max(datetime.fromisoformat(row["created_at"]), happened_at),
            value=value,
            currency=row["currency"],
            identity=identity,
            consent=consent,
            entry=content.get("entry"),
        )


def _unsent(row: Row, state: EventState, code: str, not_before: datetime, records: consents.Records) -> EventResult:
    """Return the result of a row that is not sent, with the consents of its lead as evidence."""
    return EventResult.of(row, state, code, not_before, consent_evidence(records))


def _kind(row: Row, sent: set[str]) -> EventKind:
    """Return the kind to send: a restatement of a transaction that the platform does not have is a conversion."""
    kind = EventKind(row["kind"])
    if kind is EventKind.CONVERSION or row["transaction_id"] in sent:
        return kind
    if kind is EventKind.RETRACTION:
        raise EventRejected("never-told", "there is nothing to retract", EventState.SUPPRESSED)
    return EventKind.CONVERSION
