"""Rules of Google's Data Manager API, with the official types.

A request is accepted as a whole or not at all; counts say afterwards how its events were processed.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4
from zlib import crc32

from google.ads.datamanager_v1 import (
    IngestEventsRequest,
    IngestEventsResponse,
    RetrieveRequestStatusRequest,
    RetrieveRequestStatusResponse,
)

from conversions.sandbox.payload_schemas import CLOCK_SECONDS, DAY_SECONDS, HASH, is_analytics_id, is_click_id
from conversions.sandbox.peer import PeerHost
from leadworth.money import is_currency

MAX_EVENTS = 2_000
MAX_DESTINATIONS = 10
WINDOW_SECONDS = 90 * DAY_SECONDS
Violation = tuple[str, str]


class DataManagerRules:
    """The Data Manager API.

    Parameters
    ----------
    sandbox
        Holds the accepted conversions of Google Ads and GA4, and the share of events that fail later.
    """

    def __init__(self, sandbox: PeerHost) -> None:
        self._sandbox = sandbox
        self._receipts: dict[str, tuple[int, Counter[str]]] = {}
        self._lock = threading.Lock()

    def ingest(self, request: IngestEventsRequest) -> IngestEventsResponse | list[Violation]:
        """Accept the events of a request, or return the fields that are wrong."""
        plain = IngestEventsRequest.pb(request)  # attributes of the wrapper take a tenth of a millisecond an event
        analytics = any(destination.product_destination_id.startswith("G-") for destination in plain.destinations)
        effects = self._sandbox.of("ga4" if analytics else "google")
        now = self._sandbox.clock().timestamp()
        if faults := list(_faults(plain, now, analytics=analytics)):
            with effects.lock:
                effects.refused[faults[0][1] or "INVALID_ARGUMENT"] += 1
            return faults
        if plain.validate_only:
            return IngestEventsResponse()
        failed = Counter[str]()
        with effects.lock:
            for event in plain.events:
                by_chance = crc32(event.transaction_id.encode()) % 1000 < self._sandbox.fails * 1000
                if reason := "TOO_RECENT_CLICK" if by_chance else _processing_error(event, now):
                    failed[reason] += 1
                    continue
                action = event.destination_references[0] if event.destination_references else event.event_name
                effects.record(f"{action}|{event.transaction_id}", event.conversion_value, repeats="replaced")
            effects.refused.update(failed)
        receipt = uuid4().hex
        with self._lock:
            self._receipts[receipt] = (len(plain.events), failed)
        return IngestEventsResponse(request_id=receipt)

    def status(self, request: RetrieveRequestStatusRequest) -> RetrieveRequestStatusResponse | None:
        """Return the counts of a receipt; None for an unknown one."""
        with self._lock:
            counts = self._receipts.get(request.request_id)
        if counts is None:
            return None
        count, failed = counts
        state = "SUCCESS" if not failed else "FAILED" if failed.total() == count else "PARTIAL_SUCCESS"
        part: dict[str, Any] = {"request_status": state, "events_ingestion_status": {"record_count": count}}
        if failed:
            part["error_info"] = {
                "error_counts": [
                    {"record_count": events, "reason": f"PROCESSING_ERROR_REASON_{reason}"}
                    for reason, events in failed.items()
                ]
            }
        return RetrieveRequestStatusResponse(request_status_per_destination=[part])


def _faults(request: Any, now: float, *, analytics: bool) -> Iterator[Violation]:
    """Yield field and reason of everything for which Google refuses a request."""
    if not 0 < len(request.destinations) <= MAX_DESTINATIONS:
        yield "destinations", "TOO_MANY_DESTINATIONS"
    if not 0 < len(request.events) <= MAX_EVENTS:
        yield "events", "TOO_MANY_EVENTS"
    references = set()
    for index, destination in enumerate(request.destinations):
        if not destination.operating_account.account_id:
            yield f"destinations[{index}].operating_account.account_id", "REQUIRED_FIELD_MISSING"
        if destination.reference in references:
            yield f"destinations[{index}].reference", "DUPLICATE_DESTINATION_REFERENCE"
        references.add(destination.reference)
    hashed = any(event.user_data.user_identifiers for event in request.events)
    if hashed and request.encoding == 0:
        yield "encoding", "REQUIRED_FIELD_MISSING"
    for index, event in enumerate(request.events):
        for name, reason in _event_faults(event, references, analytics, now):
            yield f"events.events[{index}]{'.' if name else ''}{name}", reason


def _event_faults(event: Any, references: set[str], analytics: bool, now: float) -> Iterator[Violation]:
    if event.transaction_id.isdigit():
        yield "", ""  # the real one names no field and no reason
    if not event.HasField("event_timestamp"):
        yield "event_timestamp", "REQUIRED_FIELD_MISSING"
    elif event.event_timestamp.seconds > now + CLOCK_SECONDS:
        yield "event_timestamp", "EVENT_TIME_INVALID"
    if not math.isfinite(event.conversion_value) or event.conversion_value < 0:
        yield "conversion_value", "INVALID_FORMAT"
    if not is_currency(event.currency):
        yield "currency", "INVALID_CURRENCY_CODE"
    if set(event.destination_references) - references:
        yield "destination_references", "INVALID_DESTINATION"
    if analytics:
        missing = [name for name in ("client_id", "event_name") if not getattr(event, name)]
        yield from ((name, "REQUIRED_FIELD_MISSING") for name in missing)
        if event.client_id and not is_analytics_id(event.client_id):
            yield "client_id", "INVALID_FORMAT"
    else:
        yield from _identifier_faults(event)


def _identifier_faults(event: Any) -> Iterator[Violation]:
    ids = event.ad_identifiers
    clicks = [value for value in (ids.gclid, ids.gbraid, ids.wbraid) if value]
    if len(clicks) > 1:
        yield "ad_identifiers", "INVALID_EVENT"
    people = event.user_data.user_identifiers
    for person in people:
        code = person.address.region_code
        if person.HasField("address") and not (code.isalpha() and len(code) == 2):
            yield "user_data.user_identifiers", "INVALID_COUNTRY_CODE"
    if not clicks and not people:
        yield "user_data", "NO_IDENTIFIERS_PROVIDED"
    for person in people:
        for text in (person.email_address, person.phone_number, person.address.given_name):
            if text and not HASH.fullmatch(text):
                yield "user_data.user_identifiers", "INVALID_SHA256_FORMAT"


def _processing_error(event: Any, now: float) -> str | None:
    """Return the reason for which an accepted event fails later; a click id is only looked up then."""
    if event.event_timestamp.seconds < now - WINDOW_SECONDS:
        return "EVENT_TOO_OLD"
    for kind in ("gclid", "gbraid", "wbraid"):
        text = getattr(event.ad_identifiers, kind)
        if text and not is_click_id(text):
            return f"INVALID_{kind.upper()}"
    return None
