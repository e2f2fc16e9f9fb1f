"""Local peer of the Google Ads API: uploads of click conversions and adjustments, with partial failures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from conversions.platforms.google_ads.settings import GoogleAdsSection
from conversions.sandbox.payload_schemas import CLOCK_SECONDS, HASH, is_click_id
from conversions.sandbox.peer import ACTIONS, GrpcMethod, Peer, PeerHost
from leadworth.connection_context import is_installed
from leadworth.money import is_currency

WINDOW = timedelta(days=90)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d")
_KINDS = {
    "INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET": "date_error",
    "LATER_THAN_MAXIMUM_DATE": "date_error",
    "UNSUPPORTED": "currency_code_error",
}
ROOT = f"google.ads.googleads.{GoogleAdsSection().version}"


class GoogleAdsPeer(Peer):
    """Rules of the Google Ads API."""

    name = "google_ads"
    spoilt: Mapping[str, Any] = {"conversionDateTime": "today"}

    def __init__(self, sandbox: PeerHost) -> None:
        super().__init__(sandbox)
        self._uploads = import_module(f"{ROOT}.services.types.conversion_upload_service")
        self._adjustments = import_module(f"{ROOT}.services.types.conversion_adjustment_upload_service")
        self._errors = import_module(f"{ROOT}.errors.types.errors")
        self._retracted: set[str] = set()

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the client of the Google Ads API is installed."""
        return is_installed("google.ads.googleads")

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        account = {"customer": "1234567890", "actions": ACTIONS, "developer_token": "sandbox"}
        return {"endpoint": self.sandbox.grpc_address, **account}

    def grpc_methods(self) -> Iterable[GrpcMethod]:
        """Return the methods of both services."""
        yield GrpcMethod(
            f"{ROOT}.services.ConversionUploadService",
            "UploadClickConversions",
            self.upload,
            self._uploads.UploadClickConversionsRequest,
            self._uploads.UploadClickConversionsResponse,
        )
        yield GrpcMethod(
            f"{ROOT}.services.ConversionAdjustmentUploadService",
            "UploadConversionAdjustments",
            self.adjust,
            self._adjustments.UploadConversionAdjustmentsRequest,
            self._adjustments.UploadConversionAdjustmentsResponse,
        )

    def upload(self, request: Any, context: Any) -> Any:
        """Accept click conversions."""
        _require_token(context)
        failures, results = [], []
        with self.effects.lock:
            for index, row in enumerate(request.conversions):
                if code := self._conversion(row):
                    self.effects.refused[code] += 1
                    failures.append((index, _KINDS.get(code, "conversion_upload_error"), code))
                results.append(self._uploads.ClickConversionResult() if code else {"gclid": row.gclid})
        return self._uploads.UploadClickConversionsResponse(
            results=results, partial_failure_error=self._failure(failures)
        )

    def adjust(self, request: Any, context: Any) -> Any:
        """Accept adjustments."""
        _require_token(context)
        failures, results = [], []
        with self.effects.lock:
            for index, row in enumerate(request.conversion_adjustments):
                if code := self._adjustment(row):
                    self.effects.refused[code] += 1
                    failures.append((index, "conversion_adjustment_upload_error", code))
                results.append(self._adjustments.ConversionAdjustmentResult())
        return self._adjustments.UploadConversionAdjustmentsResponse(
            results=results, partial_failure_error=self._failure(failures)
        )

    def _conversion(self, row: Any) -> str | None:
        """Accept a conversion, or return the code that it is refused with."""
        if code := _time_fault(row.conversion_date_time, self.sandbox.clock()) or _id_fault(row):
            return code
        if not is_currency(row.currency_code):
            return "UNSUPPORTED"
        key = f"{row.conversion_action.rpartition('/')[2]}|{row.order_id}"
        if key in self.effects.values:
            self.effects.counters["repeated"] += 1
            return "ORDER_ID_ALREADY_IN_USE"
        self.effects.record(key, row.conversion_value)
        return None

    def _adjustment(self, row: Any) -> str | None:
        """Accept an adjustment, or return the code that it is refused with."""
        key = f"{row.conversion_action.rpartition('/')[2]}|{row.order_id}"
        if key not in self.effects.values:
            return "CONVERSION_NOT_FOUND"
        if key in self._retracted:
            return "CONVERSION_ALREADY_RETRACTED"
        if row.adjustment_type.name == "RETRACTION":
            self._retracted.add(key)
            self.effects.record(key, None, repeats="replaced")
        else:
            self.effects.record(key, row.restatement_value.adjusted_value, repeats="replaced")
        return None

    def _failure(self, failures: list[tuple[int, str, str]]) -> Any:
        """Return the status that holds the codes of the refused rows."""
        from google.protobuf.any_pb2 import Any as AnyMessage
        from google.rpc.status_pb2 import Status

        if not failures:
            return None
        failure = self._errors.GoogleAdsFailure()
        for index, kind, code in failures:
            error = self._errors.GoogleAdsError(error_code={kind: code}, message=code)
            error.location.field_path_elements.append({"field_name": "conversions", "index": index})
            failure.errors.append(error)
        detail = AnyMessage()
        detail.Pack(type(failure).pb(failure))
        return Status(code=3, message="partial failure", details=[detail])


def _time_fault(written: str, now: datetime) -> str | None:
    """Return the code for a time without an offset, in the future or outside the window."""
    if not _TIME.fullmatch(written):
        return "INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET"
    age = now - datetime.fromisoformat(written)
    if age < -timedelta(seconds=CLOCK_SECONDS):
        return "LATER_THAN_MAXIMUM_DATE"
    return "EXPIRED_EVENT" if age > WINDOW else None


def _id_fault(row: Any) -> str | None:
    """Return the code for a click id or a hashed person that is not of the platform's format."""
    clicks = {kind: text for kind in ("gclid", "gbraid", "wbraid") if (text := getattr(row, kind))}
    if row.gbraid and row.wbraid:
        return "GBRAID_WBRAID_BOTH_SET"
    people = [person.hashed_email or person.hashed_phone_number for person in row.user_identifiers]
    if not (clicks or people) or not all(map(HASH.fullmatch, people)):
        return "INVALID_USER_IDENTIFIER"
    return next((f"UNPARSEABLE_{kind.upper()}" for kind, text in clicks.items() if not is_click_id(text)), None)


def _require_token(context: Any) -> None:
    """End a call without a developer token."""
    import grpc

    if not dict(context.invocation_metadata()).get("developer-token"):
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "no developer token")


PEER = GoogleAdsPeer
