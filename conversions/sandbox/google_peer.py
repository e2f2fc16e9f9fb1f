"""Google: the Data Manager API over gRPC and REST, and the uploads of the Google Ads API, with the official types."""

from __future__ import annotations

import math
import re
import threading
import time
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

from conversions.sandbox.effects import Effects

MOST_EVENTS, MOST_DESTINATIONS = 2_000, 10
_HASH = re.compile(r"[0-9a-f]{64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
Violation = tuple[str, str]


class DataManagerPeer:
    """The Data Manager API: a request whole or not at all, and counts of what became of it afterwards.

    Parameters
    ----------
    effects
        What it holds.
    processing_seconds
        How long it says PROCESSING.
    fails
        Share of events that fail later, as TOO_RECENT_CLICK; by transaction id, so always the same ones.
    """

    def __init__(self, effects: Effects, processing_seconds: float = 0.0, fails: float = 0.0) -> None:
        self.effects, self._processing, self._fails = effects, processing_seconds, fails
        self._receipts: dict[str, tuple[float, int, int]] = {}
        self._lock = threading.Lock()

    def ingest(self, request: IngestEventsRequest) -> IngestEventsResponse | list[Violation]:
        """Take the events of a request, or say which fields are wrong."""
        faults = list(_faults(request))
        if faults:
            with self.effects.lock:
                self.effects.refused[faults[0][1] or "INVALID_ARGUMENT"] += 1
            return faults
        if request.validate_only:
            return IngestEventsResponse()
        failed = 0
        with self.effects.lock:
            for event in request.events:
                if self._fails and crc32(event.transaction_id.encode()) % 1000 < self._fails * 1000:
                    failed += 1
                    self.effects.refused["TOO_RECENT_CLICK"] += 1
                    continue
                action = event.destination_references[0] if event.destination_references else event.event_name
                self.effects.take(f"{action}|{event.transaction_id}", event.conversion_value, repeats="replaced")
        receipt = uuid4().hex
        with self._lock:
            self._receipts[receipt] = (time.monotonic(), len(request.events), failed)
        return IngestEventsResponse(request_id=receipt)

    def status(self, request: RetrieveRequestStatusRequest) -> RetrieveRequestStatusResponse | None:
        """Return counts of a receipt; None for one never given."""
        with self._lock:
            found = self._receipts.get(request.request_id)
        if found is None:
            return None
        taken_at, count, failed = found
        state = "SUCCESS" if not failed else "FAILED" if failed == count else "PARTIAL_SUCCESS"
        if time.monotonic() - taken_at < self._processing:
            return RetrieveRequestStatusResponse(request_status_per_destination=[{"request_status": "PROCESSING"}])
        part: dict[str, Any] = {"request_status": state, "events_ingestion_status": {"record_count": count}}
        if failed:
            reason = "PROCESSING_ERROR_REASON_TOO_RECENT_CLICK"
            part["error_info"] = {"error_counts": [{"record_count": failed, "reason": reason}]}
        return RetrieveRequestStatusResponse(request_status_per_destination=[part])


def _faults(request: IngestEventsRequest) -> Iterator[Violation]:
    """Yield field and reason of whatever makes Google refuse a request."""
    if not 0 < len(request.destinations) <= MOST_DESTINATIONS:
        yield "destinations", "TOO_MANY_DESTINATIONS"
    if not 0 < len(request.events) <= MOST_EVENTS:
        yield "events", "TOO_MANY_EVENTS"
    references = set()
    for place, one in enumerate(request.destinations):
        if not one.operating_account.account_id:
            yield f"destinations[{place}].operating_account.account_id", "REQUIRED_FIELD_MISSING"
        if one.reference in references:
            yield f"destinations[{place}].reference", "DUPLICATE_DESTINATION_REFERENCE"
        references.add(one.reference)
    hashed = any(event.user_data.user_identifiers for event in request.events)
    if hashed and request.encoding == 0:
        yield "encoding", "REQUIRED_FIELD_MISSING"
    analytics = any(one.product_destination_id.startswith("G-") for one in request.destinations)
    now = time.time()
    for place, event in enumerate(request.events):
        for name, reason in _event_faults(event, references, analytics, now):
            yield f"events.events[{place}]{'.' if name else ''}{name}", reason


def _event_faults(event: Any, references: set[str], analytics: bool, now: float) -> Iterator[Violation]:
    if event.transaction_id.isdigit():
        yield "", ""  # the real one names no field and no reason
    if event.event_timestamp is None:
        yield "event_timestamp", "REQUIRED_FIELD_MISSING"
    elif event.event_timestamp.timestamp() > now + 60:
        yield "event_timestamp", "EVENT_TIME_INVALID"
    if not math.isfinite(event.conversion_value) or event.conversion_value < 0:
        yield "conversion_value", "INVALID_FORMAT"
    if not _CURRENCY.fullmatch(event.currency):
        yield "currency", "INVALID_CURRENCY_CODE"
    if set(event.destination_references) - references:
        yield "destination_references", "INVALID_DESTINATION"
    if analytics:
        missing = [name for name in ("client_id", "event_name") if not getattr(event, name)]
        yield from ((name, "REQUIRED_FIELD_MISSING") for name in missing)
    else:
        yield from _identifier_faults(event)


def _identifier_faults(event: Any) -> Iterator[Violation]:
    ids = event.ad_identifiers
    clicks = [value for value in (ids.gclid, ids.gbraid, ids.wbraid) if value] if ids else []
    if len(clicks) > 1:
        yield "ad_identifiers", "INVALID_EVENT"
    people = event.user_data.user_identifiers if event.user_data else []
    if not clicks and not people:
        yield "user_data", "NO_IDENTIFIERS_PROVIDED"
    for one in people:
        for text in (one.email_address, one.phone_number, one.address.given_name if one.address else ""):
            if text and not _HASH.fullmatch(text):
                yield "user_data.user_identifiers", "INVALID_SHA256_FORMAT"


class GoogleAdsPeer:
    """The uploads of the Google Ads API: row by row, with partial failures.

    Parameters
    ----------
    effects
        What it holds.
    version
        Of the API, such as `v26`.
    """

    def __init__(self, effects: Effects, version: str) -> None:
        from importlib import import_module

        self.effects = effects
        root = f"google.ads.googleads.{version}"
        self.uploads = import_module(f"{root}.services.types.conversion_upload_service")
        self.adjustments = import_module(f"{root}.services.types.conversion_adjustment_upload_service")
        self._errors = import_module(f"{root}.errors.types.errors")
        self._retracted: set[str] = set()

    def upload(self, request: Any) -> Any:
        """Take click conversions."""
        failures, results = [], []
        with self.effects.lock:
            for place, row in enumerate(request.conversions):
                code = self._conversion(row)
                if code:
                    self.effects.refused[code] += 1
                    failures.append((place, "conversion_upload_error", code))
                results.append(self.uploads.ClickConversionResult() if code else {"gclid": row.gclid})
        return self.uploads.UploadClickConversionsResponse(
            results=results, partial_failure_error=self._failure(failures)
        )

    def adjust(self, request: Any) -> Any:
        """Take adjustments."""
        failures, results = [], []
        with self.effects.lock:
            for place, row in enumerate(request.conversion_adjustments):
                code = self._adjustment(row)
                if code:
                    self.effects.refused[code] += 1
                    failures.append((place, "conversion_adjustment_upload_error", code))
                results.append(self.adjustments.ConversionAdjustmentResult())
        return self.adjustments.UploadConversionAdjustmentsResponse(
            results=results, partial_failure_error=self._failure(failures)
        )

    def _conversion(self, row: Any) -> str | None:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d", row.conversion_date_time):
            return "UNPARSEABLE_GCLID"
        if not (row.gclid or row.gbraid or row.wbraid or row.user_identifiers):
            return "INVALID_USER_IDENTIFIER"
        if row.gbraid and row.wbraid:
            return "GBRAID_WBRAID_BOTH_SET"
        key = f"{row.conversion_action.rpartition('/')[2]}|{row.order_id}"
        if key in self.effects.values:
            self.effects.said["repeated"] += 1
            return "ORDER_ID_ALREADY_IN_USE"
        self.effects.take(key, row.conversion_value)
        return None

    def _adjustment(self, row: Any) -> str | None:
        key = f"{row.conversion_action.rpartition('/')[2]}|{row.order_id}"
        if key not in self.effects.values:
            return "CONVERSION_NOT_FOUND"
        if key in self._retracted:
            return "CONVERSION_ALREADY_RETRACTED"
        kind = row.adjustment_type.name
        if kind == "RETRACTION":
            self._retracted.add(key)
            self.effects.take(key, None, repeats="replaced")
        else:
            self.effects.take(key, row.restatement_value.adjusted_value, repeats="replaced")
        return None

    def _failure(self, failures: list[tuple[int, str, str]]) -> Any:
        from google.protobuf.any_pb2 import Any as AnyMessage
        from google.rpc.status_pb2 import Status

        if not failures:
            return None
        failure = self._errors.GoogleAdsFailure()
        for place, kind, code in failures:
            error = self._errors.GoogleAdsError(error_code={kind: code}, message=code)
            error.location.field_path_elements.append({"field_name": "conversions", "index": place})
            failure.errors.append(error)
        detail = AnyMessage()
        detail.Pack(type(failure).pb(failure))
        return Status(code=3, message="partial failure", details=[detail])
