"""Local peer of the Data Manager API, over gRPC and REST; it serves Google Ads and GA4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conversions.sandbox.peer import ACTIONS, Call, GrpcMethod, Handler, Peer, PeerHost, Reply
from leadworth.connection_context import is_installed

SERVICE = "google.ads.datamanager.v1.IngestionService"


class GooglePeer(Peer):
    """The Data Manager API."""

    name = "google"
    spoilt: Mapping[str, Any] = {"currency": "EURO"}

    def __init__(self, sandbox: PeerHost) -> None:
        from conversions.sandbox.data_manager_rules import DataManagerRules

        super().__init__(sandbox)
        self._rules = DataManagerRules(sandbox)

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the client of the Data Manager API is installed."""
        return is_installed("google.ads.datamanager_v1")

    def settings(self) -> Mapping[str, Any]:
        """Return the settings with which leadworth sends to this peer."""
        return {"endpoint": self.sandbox.grpc_address, "customer": "1234567890", "actions": ACTIONS}

    def paths(self) -> Mapping[str, Handler]:
        """Return the handlers of REST."""
        return {"/v1/events:ingest": self.ingest, "/v1/requestStatus:retrieve": self.status}

    def ingest(self, call: Call) -> Reply:
        """Accept events as JSON."""
        from google.ads.datamanager_v1 import IngestEventsRequest, IngestEventsResponse

        try:
            request = IngestEventsRequest.from_json(call.body)
        except Exception:  # everything that the official parser refuses
            return Reply(400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "not of the type"}})
        response = self._rules.ingest(request)
        if isinstance(response, IngestEventsResponse):
            return Reply(200, IngestEventsResponse.to_json(response))
        violations = [{"field": name, "reason": reason, "description": reason} for name, reason in response]
        detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
        error = {"code": 400, "status": "INVALID_ARGUMENT", "message": "There was a problem", "details": [detail]}
        return Reply(400, {"error": error})

    def status(self, call: Call) -> Reply:
        """Return the status of a receipt as JSON."""
        from google.ads.datamanager_v1 import RetrieveRequestStatusRequest, RetrieveRequestStatusResponse

        receipt = parse_qs(urlsplit(call.path).query).get("requestId", [""])[0]
        response = self._rules.status(RetrieveRequestStatusRequest(request_id=receipt))
        if response is None:
            return Reply(404, {"error": {"code": 404, "status": "NOT_FOUND", "message": "no such request"}})
        return Reply(200, RetrieveRequestStatusResponse.to_json(response))

    def grpc_methods(self) -> Iterable[GrpcMethod]:
        """Return both methods of the service."""
        from google.ads import datamanager_v1 as api

        ingest, status = self._rules.ingest, self._rules.status
        yield GrpcMethod(
            SERVICE,
            "IngestEvents",
            lambda request, _: ingest(request),
            api.IngestEventsRequest,
            api.IngestEventsResponse,
        )
        yield GrpcMethod(
            SERVICE,
            "RetrieveRequestStatus",
            lambda request, _: status(request),
            api.RetrieveRequestStatusRequest,
            api.RetrieveRequestStatusResponse,
        )


PEER = GooglePeer
