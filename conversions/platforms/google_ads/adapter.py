"""Google Ads API: click conversions and their adjustments, for developer tokens that are still allowed.

Since June 2026 new developer tokens are refused; use `google` then. Only this API can retract a conversion. Rows are
accepted one by one: the answer names those that were refused.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from conversions.capabilities import Capabilities
from conversions.conversion_event import ConversionEvent, EventKind, consent_fields
from conversions.delivery_errors import EventRejected, RowsRefusedError, no_identifiers
from conversions.delivery_results import DeliveryResult, Payload, accepted
from conversions.destination import Destination
from conversions.google_identifiers import NEEDED, NORMALISER, google_click_id
from conversions.identifier_normalisation import sha256
from conversions.platforms.google_ads.settings import GoogleAdsSection
from conversions.protobuf_arguments import protobuf_arguments
from leadworth.connection_context import ConnectionContext, require_package
from leadworth.google_ads_errors import error_code, failure_codes
from leadworth.google_sign_in import sign_in, token_error, wait_of
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from store.event_state import EventState

SCOPE = "https://www.googleapis.com/auth/adwords"
EARLIEST = timedelta(hours=6)
DUPLICATES = {
    "ORDER_ID_ALREADY_IN_USE",
    "CLICK_CONVERSION_ALREADY_EXISTS",
    "RESTATEMENT_ALREADY_EXISTS",
    "CONVERSION_ALREADY_RETRACTED",
    "MORE_RECENT_RESTATEMENT_FOUND",
}
RETRIES = {
    "TOO_RECENT_EVENT": EARLIEST,
    "TOO_RECENT_CONVERSION_ACTION": EARLIEST,
    "TOO_RECENT_CALL": EARLIEST,
    "TOO_RECENT_CONVERSION": EARLIEST,
    "CONVERSION_NOT_FOUND": EARLIEST,
    "RESOURCE_TEMPORARILY_EXHAUSTED": None,
    "INTERNAL_ERROR": None,
    "TRANSIENT_ERROR": None,
}
"""Code -> time before the next attempt; None: as after any transient failure."""


class GoogleAdsDestination(Destination):
    """Adapter of the Google Ads API.

    Parameters
    ----------
    section
        Settings of the platform.
    context
        Folder of the settings and timeout.
    """

    name = "google_ads"
    limits = Capabilities(
        batch=2_000,
        window=timedelta(days=90),
        from_click=True,
        restate=timedelta(days=54),
        retract=True,
        delay=EARLIEST,
    )

    def __init__(self, section: GoogleAdsSection, context: ConnectionContext) -> None:
        super().__init__(section.actions.named())
        self._section, self._context = section, context

    def plan(self, event: ConversionEvent) -> Payload:
        """Return a click conversion or an adjustment; see `Destination.plan`."""
        action = f"customers/{self._section.customer}/conversionActions/{self.actions[event.stage]}"
        if event.kind is not EventKind.CONVERSION:
            return Payload(event.transaction_id, "adjustments", _adjustment(event, action))
        body = {
            "conversionAction": action,
            "conversionDateTime": _time(event.happened_at),
            "conversionValue": float(event.value),
            "currencyCode": event.currency,
            "orderId": event.transaction_id,
            "conversionEnvironment": "WEB",
            "consent": consent_fields(event.consent),
            **_identifiers(event),
        }
        return Payload(event.transaction_id, "conversions", body)

    def validate(self, payload: Payload) -> None:
        """Check a payload against Google's own type."""
        self._request(payload.route, [payload])

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        from google.api_core.exceptions import GoogleAPICallError

        request = self._request(batch[0].route, batch)
        if dry_run:
            return accepted(batch)
        uploads, adjustments = self._clients
        call = uploads.upload_click_conversions
        if batch[0].route == "adjustments":
            call = adjustments.upload_conversion_adjustments
        try:
            answer = call(request=request, retry=None, timeout=self._context.timeout_seconds, metadata=self._metadata)
        except GoogleAPICallError as error:
            raise self._delivery_error(error) from None
        failed = dict(self._failures(answer.partial_failure_error))
        return [_result(failed.get(position)) for position in range(len(batch))]

    def close(self) -> None:
        """Close the connections."""
        for client in self.__dict__.pop("_clients", ()):
            client.transport.close()

    def _request(self, route: str, batch: Sequence[Payload]) -> Any:
        """Return a request of the official type.

        Raises
        ------
        EventRejected
            Where a payload is not of that type.
        """
        module, name, rows = {
            "conversions": ("conversion_upload_service", "UploadClickConversionsRequest", "conversions"),
            "adjustments": (
                "conversion_adjustment_upload_service",
                "UploadConversionAdjustmentsRequest",
                "conversionAdjustments",
            ),
        }[route]
        kind = getattr(self._module(f"services.types.{module}"), name)
        content = {
            "customerId": self._section.customer,
            "partialFailure": True,
            rows: [payload.body for payload in batch],
        }
        plain = kind.pb(kind())
        try:
            return kind.wrap(type(plain)(**protobuf_arguments(content, plain.DESCRIPTOR)))
        except (TypeError, ValueError) as error:
            raise EventRejected(
                "not-of-the-type", f"it does not fit the official type ({type(error).__name__})"
            ) from None

    @cached_property
    def _clients(self) -> tuple[Any, Any]:
        """Clients of the two services."""
        clients = []
        key_file = self._section.credentials
        credentials = self._context.resolve(key_file) if key_file else None
        channel = None
        if self._section.endpoint:
            import grpc

            channel = grpc.insecure_channel(self._section.endpoint.removeprefix("http://"))
        for name, kind in (
            ("conversion_upload_service", "ConversionUploadService"),
            ("conversion_adjustment_upload_service", "ConversionAdjustmentUploadService"),
        ):
            client = getattr(self._module(f"services.services.{name}"), f"{kind}Client")
            if channel is None:
                clients.append(client(credentials=sign_in(credentials, SCOPE)))
            else:
                transports = self._module(f"services.services.{name}.transports")
                clients.append(client(transport=getattr(transports, f"{kind}GrpcTransport")(channel=channel)))
        return clients[0], clients[1]

    @property
    def _metadata(self) -> list[tuple[str, str]]:
        pairs = [("developer-token", self._section.developer_token.get_secret_value())]
        if self._section.login_customer:
            pairs.append(("login-customer-id", self._section.login_customer))
        return pairs

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"google.ads.googleads.{self._section.version}.{name}")

    def _failures(self, status: Any) -> Iterator[tuple[int, str]]:
        """Yield position and code of the rows that were refused."""
        failure = self._module("errors.types.errors").GoogleAdsFailure
        for detail in status.details:
            for error in failure.deserialize(detail.value).errors:
                yield int(error.location.field_path_elements[0].index), error_code(error)

    def _delivery_error(self, error: Any) -> Exception:
        """Return the delivery error for an error of the official client."""
        from google.api_core import exceptions

        if without_token := token_error(error):
            return without_token
        failure = self._module("errors.types.errors").GoogleAdsFailure
        code = next(failure_codes(error, failure), str(error.code))
        if isinstance(error, exceptions.Unauthorized | exceptions.Forbidden) or "ALLOWLISTED" in code:
            return UnauthorisedError(code)
        if isinstance(error, exceptions.TooManyRequests) or code in RETRIES:
            return BusyError(code, wait_of(error))
        if isinstance(error, exceptions.ClientError):
            return RowsRefusedError({}, code)
        return UnansweredError(type(error).__name__)


def connect(section: GoogleAdsSection, context: ConnectionContext) -> Destination:
    """Return the destination that the settings describe."""
    require_package("google.ads.googleads", extra="google-ads")
    return GoogleAdsDestination(section, context)


def _identifiers(event: ConversionEvent) -> dict[str, Any]:
    identity = event.identity
    if click := google_click_id(identity):
        return click
    hashed = {
        "hashedEmail": sha256(NORMALISER.email(identity.email)),
        "hashedPhoneNumber": sha256(NORMALISER.phone(identity.phone, identity.region)),
    }
    person = [{name: text} for name, text in hashed.items() if text]
    if not person:
        raise no_identifiers(NEEDED)
    return {"userIdentifiers": person}


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


def _result(code: str | None) -> DeliveryResult:
    if code is None:
        return DeliveryResult(EventState.ACCEPTED)
    if code in DUPLICATES:
        return DeliveryResult(EventState.DUPLICATE, code)
    if code in RETRIES:
        return DeliveryResult(EventState.RETRY, code, RETRIES[code])
    return DeliveryResult(EventState.REJECTED, code)
