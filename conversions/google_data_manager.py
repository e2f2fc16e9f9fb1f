"""Client of Google's Data Manager API: events in, one receipt out.

A request is accepted as a whole or not at all. A receipt only says that Google will process it: the status of the
events is queried half an hour later and comes as counts, which do not name the events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from conversions.delivery_errors import EventRejected, RowsRefusedError
from conversions.delivery_results import DeliveryResult, Payload, ReceiptStatus, accepted
from conversions.destination import Destination
from conversions.protobuf_arguments import protobuf_arguments
from leadworth.connection_context import ConnectionContext, require_package
from leadworth.google_sign_in import sign_in, token_error, wait_of
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError

if TYPE_CHECKING:
    from google.ads.datamanager_v1 import IngestEventsRequest, IngestionServiceClient

SCOPE = "https://www.googleapis.com/auth/datamanager"
BATCH = 2_000
ASK_AFTER = timedelta(minutes=30)
_ROW = re.compile(r"(?:^|\.)events\[(\d+)\]")


class DataManagerClient:
    """Connection to the API.

    Parameters
    ----------
    endpoint
        Host and port, with `http://` for REST without TLS; empty: Google's own.
    transport
        `grpc` or `rest`.
    credentials
        Key file of a service account; None: the machine's own credentials.
    timeout_seconds
        Longest wait for an answer.
    """

    def __init__(self, endpoint: str, transport: str, credentials: Path | None, timeout_seconds: float) -> None:
        self._endpoint, self._transport = endpoint, transport
        self._credentials, self._timeout = credentials, timeout_seconds

    @classmethod
    def of(cls, endpoint: str, transport: str, credentials: Path | None, context: ConnectionContext) -> Self:
        """Return the connection that the settings describe.

        Raises
        ------
        ConfigurationError
            Where the official client is not installed.
        """
        require_package("google.ads.datamanager_v1", extra="google")
        key_file = context.resolve(credentials) if credentials else None
        return cls(endpoint, transport, key_file, context.timeout_seconds)

    def request(self, destinations: Sequence[dict[str, Any]], batch: Sequence[Payload]) -> IngestEventsRequest:
        """Return a request of the official type.

        Raises
        ------
        EventRejected
            Where a payload is not of that type.
        """
        from google.ads.datamanager_v1 import IngestEventsRequest

        plain = IngestEventsRequest.pb(IngestEventsRequest())
        content = {"destinations": list(destinations), "events": [row.body for row in batch], "encoding": "HEX"}
        try:
            request = IngestEventsRequest.wrap(type(plain)(**protobuf_arguments(content, plain.DESCRIPTOR)))
        except (TypeError, ValueError) as error:
            raise EventRejected(
                "not-of-the-type", f"it does not fit the official type ({type(error).__name__})"
            ) from None
        return cast("IngestEventsRequest", request)

    def ingest(self, request: IngestEventsRequest) -> str:
        """Send a request; return its receipt.

        Raises
        ------
        RowsRefusedError, BusyError, UnauthorisedError, UnansweredError
            Where it was not accepted.
        """
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        try:
            answer = self._client.ingest_events(request=request, retry=None, timeout=self._timeout)
        except GoogleAPICallError as error:
            raise _delivery_error(error) from None
        except GoogleAuthError as error:
            raise UnauthorisedError(type(error).__name__) from None
        except RequestException as error:
            raise UnansweredError(type(error).__name__) from None
        return str(answer.request_id)

    def processed(self, receipt: str) -> ReceiptStatus:
        """Return the status of the events of a receipt.

        Raises
        ------
        RowsRefusedError, BusyError, UnauthorisedError, UnansweredError
            Where the query was not answered.
        """
        from google.ads.datamanager_v1 import RequestStatusPerDestination
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        try:
            answer = self._client.retrieve_request_status(
                request={"request_id": receipt}, retry=None, timeout=self._timeout
            )
        except GoogleAPICallError as error:
            raise _delivery_error(error) from None
        except (RequestException, GoogleAuthError) as error:
            raise UnansweredError(type(error).__name__) from None
        parts = answer.request_status_per_destination
        reasons: dict[str, int] = {}
        for part in parts:
            for count in part.error_info.error_counts:
                name = count.reason.name.removeprefix("PROCESSING_ERROR_REASON_")
                reasons[name] = reasons.get(name, 0) + int(count.record_count)
        events = sum(int(part.events_ingestion_status.record_count) for part in parts)
        working = RequestStatusPerDestination.RequestStatus.PROCESSING
        failed = sum(reasons.values())
        return ReceiptStatus(all(part.request_status != working for part in parts), events - failed, failed, reasons)

    def close(self) -> None:
        """Close the connections."""
        if client := self.__dict__.pop("_client", None):
            client.transport.close()

    @cached_property
    def _client(self) -> IngestionServiceClient:
        import grpc
        from google.ads.datamanager_v1 import IngestionServiceClient
        from google.ads.datamanager_v1.services.ingestion_service.transports import (
            IngestionServiceGrpcTransport,
            IngestionServiceRestTransport,
        )
        from google.auth.credentials import AnonymousCredentials

        if not self._endpoint:
            return IngestionServiceClient(credentials=sign_in(self._credentials, SCOPE), transport=self._transport)
        host = self._endpoint.removeprefix("http://")
        if self._transport == "rest":
            anonymous = AnonymousCredentials()  # type: ignore[no-untyped-call]
            transport = IngestionServiceRestTransport(host=host, url_scheme="http", credentials=anonymous)
            return IngestionServiceClient(transport=transport)
        return IngestionServiceClient(transport=IngestionServiceGrpcTransport(channel=grpc.insecure_channel(host)))


class DataManagerDestination(Destination):
    """Base of the adapters that use this API: one request and one receipt for a batch.

    Parameters
    ----------
    actions
        Stage -> its name at the platform.
    api
        The connection.
    destinations
        Accounts and actions, as the API names them.
    """

    def __init__(
        self, actions: Mapping[str, str], api: DataManagerClient, destinations: Sequence[dict[str, Any]]
    ) -> None:
        super().__init__(actions)
        self._api, self._destinations = api, destinations

    def validate(self, payload: Payload) -> None:
        """Check a payload against Google's own type."""
        self._api.request(self._destinations, [payload])

    def send(self, batch: Sequence[Payload], *, dry_run: bool = False) -> Sequence[DeliveryResult]:
        """Send a batch; see `Destination.send`."""
        request = self._api.request(self._destinations, batch)
        return accepted(batch, "" if dry_run else self._api.ingest(request))

    def reconcile(self, receipt: str) -> ReceiptStatus | None:
        """Return the status of the events of a receipt."""
        return self._api.processed(receipt)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()


def rfc3339(moment: datetime) -> str:
    """Return a moment in UTC as the API reads it.

    Examples
    --------
    >>> rfc3339(datetime(2026, 3, 1, 12, tzinfo=UTC))
    '2026-03-01T12:00:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def product_account(kind: str, account: str) -> dict[str, str]:
    """Return an account as the API names it."""
    return {"accountType": kind, "accountId": account}


def _delivery_error(error: Any) -> Exception:
    """Return the delivery error for an error of the official client."""
    from google.api_core import exceptions

    if without_token := token_error(error):
        return without_token
    reason = str(error.reason or _reason(error) or error.grpc_status_code or error.code)
    if isinstance(error, exceptions.BadRequest):
        return RowsRefusedError(dict(_rows(error)), reason)
    if isinstance(error, exceptions.Unauthorized | exceptions.Forbidden):
        return UnauthorisedError(reason)
    if isinstance(error, exceptions.TooManyRequests):
        return BusyError(reason, wait_of(error))
    if isinstance(error, exceptions.ClientError):
        return RowsRefusedError({}, reason)
    return UnansweredError(type(error).__name__)


def _rows(error: Any) -> Iterator[tuple[int, str]]:
    """Yield position and reason of the events that an error names."""
    for violation in _violations(error):
        if match := _ROW.search(violation.field):
            yield int(match[1]), violation.reason or "INVALID_ARGUMENT"


def _violations(error: Any) -> Iterator[Any]:
    from google.rpc.error_details_pb2 import BadRequest

    for detail in error.details or ():
        if isinstance(detail, BadRequest):
            yield from detail.field_violations
        elif isinstance(detail, dict) and "fieldViolations" in detail:  # REST
            for part in detail["fieldViolations"]:
                yield BadRequest.FieldViolation(field=part.get("field", ""), reason=part.get("reason", ""))


def _reason(error: Any) -> str | None:
    return next((violation.reason for violation in _violations(error) if violation.reason), None)
