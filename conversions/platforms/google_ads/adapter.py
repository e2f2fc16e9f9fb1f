"""Google Ads API: click conversions and their adjustments, for developer tokens that are still allowed.

Since June 2026 a new developer token is refused; use `google` then. What only this way can do is to take
a conversion back. Rows are taken one by one: the answer names those it did not take.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from conversions.destination import (
    BusyError,
    Capabilities,
    ConversionEvent,
    DeliveryResult,
    EventKind,
    EventRejected,
    Payload,
    ReceiptStatus,
    RowsRefusedError,
    UnansweredError,
    UnauthorisedError,
)
from conversions.google_data_manager import sign_in, wait_of
from conversions.identifier_normalisation import GOOGLE, sha256
from leadworth.export_settings import GoogleAdsExport
from store.event_state import EventState

SCOPE = "https://www.googleapis.com/auth/adwords"
EARLIEST = timedelta(hours=6)
THERE_ALREADY = {"ORDER_ID_ALREADY_IN_USE", "CLICK_CONVERSION_ALREADY_EXISTS", "RESTATEMENT_ALREADY_EXISTS",
                 "CONVERSION_ALREADY_RETRACTED", "MORE_RECENT_RESTATEMENT_FOUND"}  # fmt: skip
LATER = {"TOO_RECENT_EVENT": timedelta(hours=6), "TOO_RECENT_CONVERSION_ACTION": timedelta(hours=6),
         "TOO_RECENT_CALL": timedelta(hours=6), "TOO_RECENT_CONVERSION": timedelta(hours=6),
         "CONVERSION_NOT_FOUND": timedelta(hours=6), "RESOURCE_TEMPORARILY_EXHAUSTED": None, "INTERNAL_ERROR": None,
         "TRANSIENT_ERROR": None}  # fmt: skip
"""Code -> wait before the next attempt; None: as after any failure that passes."""


class GoogleAdsDestination:
    """The destination.

    Parameters
    ----------
    settings
        Of `[export.google_ads]`.
    timeout_seconds
        Longest wait for an answer.
    """

    name = "google_ads"

    def __init__(self, settings: GoogleAdsExport, timeout_seconds: float, credentials: Path | None = None) -> None:
        self.actions = settings.actions.named()
        self.limits = Capabilities(
            batch=2_000, window=timedelta(days=90), from_click=True, restate=timedelta(days=54), retract=True,
            delay=EARLIEST,
        )  # fmt: skip
        self._settings, self._timeout, self._credentials = settings, timeout_seconds, credentials

    def plan(self, event: ConversionEvent) -> Payload:
        """Return the event as Google Ads reads it; see `Destination.plan`."""
        action = f"customers/{self._settings.customer}/conversionActions/{self.actions[event.stage]}"
        if event.kind is not EventKind.CONVERSION:
            return Payload(event.transaction_id, "adjustments", _adjustment(event, action))
        words = {True: "GRANTED", False: "DENIED"}
        body = {
            "conversionAction": action,
            "conversionDateTime": _time(event.happened_at),
            "conversionValue": float(event.value),
            "currencyCode": event.currency,
            "orderId": event.transaction_id,
            "conversionEnvironment": "WEB",
            "consent": {
                "adUserData": words[bool(event.consent.ad_user_data)],
                "adPersonalization": words[bool(event.consent.ad_personalization)],
            },
            **_identifiers(event),
        }
        return Payload(event.transaction_id, "conversions", body)

    def validate(self, payload: Payload) -> None:
        """Hold a payload against Google's own type."""
        self._request(payload.route, [payload])

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        from google.api_core.exceptions import GoogleAPICallError

        request = self._request(batch[0].route, batch)
        if dry_run:
            return [DeliveryResult(EventState.ACCEPTED)] * len(batch)
        uploads, adjustments = self._clients
        call = uploads.upload_click_conversions
        if batch[0].route == "adjustments":
            call = adjustments.upload_conversion_adjustments
        try:
            answer = call(request=request, retry=None, timeout=self._timeout, metadata=self._metadata)
        except GoogleAPICallError as error:
            raise self._meaning(error) from None
        failed = dict(self._failures(answer.partial_failure_error))
        return [_outcome(failed.get(position)) for position in range(len(batch))]

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return None: uploads of this way are answered row by row."""

    def close(self) -> None:
        """Give the connections back."""
        for client in self.__dict__.pop("_clients", ()):
            client.transport.close()

    def _request(self, route: str, batch: Sequence[Payload]) -> Any:
        """Return a request of the official type.

        Raises
        ------
        Refused
            Where a payload is not of that type.
        """
        from google.protobuf.json_format import ParseDict, ParseError

        module, name, rows = {
            "conversions": ("conversion_upload_service", "UploadClickConversionsRequest", "conversions"),
            "adjustments": ("conversion_adjustment_upload_service", "UploadConversionAdjustmentsRequest",
                            "conversionAdjustments"),
        }[route]  # fmt: skip
        kind = getattr(self._module(f"services.types.{module}"), name)
        content = {
            "customerId": self._settings.customer, "partialFailure": True, rows: [row.body for row in batch],
        }  # fmt: skip
        try:
            return kind.wrap(ParseDict(content, kind.pb(kind())))
        except ParseError as error:
            raise EventRejected(
                "not-of-the-type", f"the official type does not take it ({type(error).__name__})"
            ) from None

    @cached_property
    def _clients(self) -> tuple[Any, Any]:
        """Clients of the two services."""
        found = []
        channel = None
        if self._settings.endpoint:
            import grpc

            channel = grpc.insecure_channel(self._settings.endpoint.removeprefix("http://"))
        for name, kind in (
            ("conversion_upload_service", "ConversionUploadService"),
            ("conversion_adjustment_upload_service", "ConversionAdjustmentUploadService"),
        ):
            client = getattr(self._module(f"services.services.{name}"), f"{kind}Client")
            if channel is None:
                found.append(client(credentials=sign_in(self._credentials, SCOPE)))
            else:
                transports = self._module(f"services.services.{name}.transports")
                found.append(client(transport=getattr(transports, f"{kind}GrpcTransport")(channel=channel)))
        return found[0], found[1]

    @property
    def _metadata(self) -> list[tuple[str, str]]:
        pairs = [("developer-token", self._settings.developer_token.get_secret_value())]
        if self._settings.login_customer:
            pairs.append(("login-customer-id", self._settings.login_customer))
        return pairs

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"google.ads.googleads.{self._settings.version}.{name}")

    def _failures(self, status: Any) -> Iterator[tuple[int, str]]:
        """Yield position and code of the rows that were not taken."""
        failure = self._module("errors.types.errors").GoogleAdsFailure
        for detail in status.details:
            for error in failure.deserialize(detail.value).errors:
                yield int(error.location.field_path_elements[0].index), _code(error)

    def _meaning(self, error: Any) -> Exception:
        """Return what an error of the official client means for a batch."""
        from google.api_core import exceptions as known

        code = next((_code(one) for one in self._errors(error)), str(error.code))
        if isinstance(error, known.Unauthorized | known.Forbidden) or "ALLOWLISTED" in code:
            return UnauthorisedError(code)
        if isinstance(error, known.TooManyRequests) or code in LATER:
            return BusyError(code, wait_of(error))
        if isinstance(error, known.ClientError):
            return RowsRefusedError({}, code)
        return UnansweredError(type(error).__name__)

    def _errors(self, error: Any) -> Iterator[Any]:
        """Yield the errors that came with an exception, in the trailing metadata."""
        trailing: Any = getattr(error.response, "trailing_metadata", tuple)() or ()
        failure = self._module("errors.types.errors").GoogleAdsFailure
        for key, value in trailing:
            if key.endswith("googleadsfailure-bin"):
                yield from failure.deserialize(value).errors


def _identifiers(event: ConversionEvent) -> dict[str, Any]:
    identity = event.identity
    for kind in ("gclid", "gbraid", "wbraid"):
        if value := getattr(identity, kind):
            return {kind: value}
    hashed = {
        "hashedEmail": sha256(GOOGLE.email(identity.email)),
        "hashedPhoneNumber": sha256(GOOGLE.phone(identity.phone, identity.region)),
    }
    found = [{name: text} for name, text in hashed.items() if text]
    if not found:
        raise EventRejected(
            "no-identifiers",
            "neither a click id of Google nor an e-mail address or phone that is valid",
            EventState.SUPPRESSED,
        )
    return {"userIdentifiers": found}


def _adjustment(event: ConversionEvent, action: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "orderId": event.transaction_id,
        "conversionAction": action,
        "adjustmentDateTime": _time(event.updated_at),
        "adjustmentType": event.kind.value.upper(),
    }
    if event.kind is EventKind.RESTATEMENT:
        body["restatementValue"] = {"adjustedValue": float(event.value), "currencyCode": event.currency}
    return body


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="seconds")


def _code(error: Any) -> str:
    """Return the name of an error: the one field of its code that is set."""
    message = type(error.error_code).pb(error.error_code)
    kind = message.WhichOneof("error_code")
    return str(getattr(error.error_code, kind).name) if kind else "UNKNOWN"


def _outcome(code: str | None) -> DeliveryResult:
    if code is None:
        return DeliveryResult(EventState.ACCEPTED)
    if code in THERE_ALREADY:
        return DeliveryResult(EventState.DUPLICATE, code)
    if code in LATER:
        return DeliveryResult(EventState.RETRY, code, LATER[code])
    return DeliveryResult(EventState.REJECTED, code)
