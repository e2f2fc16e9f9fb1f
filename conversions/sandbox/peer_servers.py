"""The servers: one for HTTP, one for gRPC, both with faults, both counting what they took."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

from conversions.sandbox.effects import Effects
from conversions.sandbox.fault_injection import Fault, Faults
from conversions.sandbox.http_peers import PATHS, Call, Reply

STATE = "/_sandbox"
_INGESTION = "google.ads.datamanager.v1.IngestionService"
_REST = ("/v1/events:ingest", "/v1/requestStatus:retrieve")


@dataclass
class Sandbox:
    """All platforms of one process.

    Attributes
    ----------
    faults
        What goes wrong.
    version
        Of the Google Ads API.
    fails
        Share of events that the Data Manager API lets fail later.
    http_port, grpc_port
        0 before `run`: a free one.
    """

    faults: Faults = field(default_factory=Faults)
    version: str = "v26"
    fails: float = 0.0
    http_port: int = 0
    grpc_port: int = 0

    def __post_init__(self) -> None:
        self.effects: dict[str, Effects] = {}
        self.lock = threading.Lock()
        self.data_manager: Any = None
        self.has_google = find_spec("google") is not None and find_spec("google.ads.datamanager_v1") is not None
        if self.has_google:
            from conversions.sandbox.google_peer import DataManagerPeer

            self.data_manager = DataManagerPeer(self.of("google"), fails=self.fails)

    def of(self, platform: str) -> Effects:
        """Return what a platform holds."""
        with self.lock:
            return self.effects.setdefault(platform, Effects())

    def summary(self) -> dict[str, Any]:
        """Return what all platforms hold."""
        return {name: effects.summary() for name, effects in list(self.effects.items())}

    @contextmanager
    def run(self) -> Iterator[Sandbox]:
        """Serve until the block ends."""
        http = _Server(("127.0.0.1", self.http_port), _handler(self))
        self.http_port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        grpc = self._grpc() if self.has_google else None
        try:
            yield self
        finally:
            http.shutdown()
            http.server_close()
            thread.join(timeout=5)
            if grpc is not None:
                grpc.stop(None)

    def _grpc(self) -> Any:
        import grpc

        server = grpc.server(ThreadPoolExecutor(max_workers=16), options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers(tuple(_services(self)))
        self.grpc_port = server.add_insecure_port(f"127.0.0.1:{self.grpc_port}")
        server.start()
        return server


class _Server(ThreadingHTTPServer):
    """Says nothing of callers that went away: they are killed on purpose."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write what broke, unless it was the caller."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == STATE:
                self._reply(Reply(200, sandbox.summary()))
            else:
                self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

        def log_message(self, *_: object) -> None:
            """Write nothing: addresses hold secrets."""

        def _answer(self, body: bytes) -> None:
            fault = sandbox.faults.draw()
            wait = sandbox.faults.wait
            if fault is Fault.BUSY:
                self._reply(Reply(429, {"message": "slow down"}, {"Retry-After": str(wait.retry_after)}))
                return
            if fault in (Fault.BROKEN, Fault.AWAY):
                self._reply(Reply(int(fault.value), {"message": "broken"}))
                return
            if fault is Fault.LATE:
                time.sleep(wait.late)
            call = Call(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            reply = _dispatch(sandbox, call)
            if fault is Fault.CUT:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(2)
                return
            with suppress(OSError):  # the caller has gone
                self._reply(reply)

        def _reply(self, reply: Reply) -> None:
            body = reply.body()
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _dispatch(sandbox: Sandbox, call: Call) -> Reply:
    path = call.path.partition("?")[0]
    if path in _REST:
        return _rest(sandbox, call, path)
    for begin, (platform, handler) in PATHS.items():
        if path.startswith(begin):
            effects = sandbox.of(platform)
            with effects.lock:
                effects.said["requests"] += 1
                return handler(call, effects)
    return Reply(404, {"message": "no such path"})


def _rest(sandbox: Sandbox, call: Call, path: str) -> Reply:
    """Serve the Data Manager API as JSON."""
    from urllib.parse import parse_qs, urlsplit

    from google.ads.datamanager_v1 import (
        IngestEventsRequest,
        IngestEventsResponse,
        RetrieveRequestStatusRequest,
        RetrieveRequestStatusResponse,
    )

    if path == _REST[1]:
        receipt = parse_qs(urlsplit(call.path).query).get("requestId", [""])[0]
        told = sandbox.data_manager.status(RetrieveRequestStatusRequest(request_id=receipt))
        if told is None:
            return Reply(404, {"error": {"code": 404, "status": "NOT_FOUND", "message": "no such request"}})
        return Reply(200, RetrieveRequestStatusResponse.to_json(told))
    try:
        request = IngestEventsRequest.from_json(call.body)
    except Exception:  # whatever the official parser does not like
        return Reply(400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "not of the type"}})
    taken = sandbox.data_manager.ingest(request)
    if isinstance(taken, IngestEventsResponse):
        return Reply(200, IngestEventsResponse.to_json(taken))
    violations = [{"field": name, "reason": reason, "description": reason} for name, reason in taken]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
    error = {"code": 400, "status": "INVALID_ARGUMENT", "message": "There was a problem", "details": [detail]}
    return Reply(400, {"error": error})


def _services(sandbox: Sandbox) -> Iterator[Any]:
    """Yield the handlers of all gRPC services."""
    import grpc
    from google.ads import datamanager_v1 as api

    def method(call: Callable[[Any], Any], request: Any, response: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(
            _with_faults(sandbox, call), request_deserializer=request.deserialize,
            response_serializer=response.serialize,
        )  # fmt: skip

    peer = sandbox.data_manager
    yield grpc.method_handlers_generic_handler(
        _INGESTION,
        {
            "IngestEvents": method(peer.ingest, api.IngestEventsRequest, api.IngestEventsResponse),
            "RetrieveRequestStatus": method(
                peer.status, api.RetrieveRequestStatusRequest, api.RetrieveRequestStatusResponse
            ),
        },
    )
    if find_spec("google.ads.googleads") is None:
        return
    from conversions.sandbox.google_peer import GoogleAdsPeer

    ads = GoogleAdsPeer(sandbox.of("google_ads"), sandbox.version)
    root = f"google.ads.googleads.{sandbox.version}.services"
    up, adjust = ads.uploads, ads.adjustments
    yield grpc.method_handlers_generic_handler(
        f"{root}.ConversionUploadService",
        {
            "UploadClickConversions": method(
                ads.upload, up.UploadClickConversionsRequest, up.UploadClickConversionsResponse
            )
        },
    )
    yield grpc.method_handlers_generic_handler(
        f"{root}.ConversionAdjustmentUploadService",
        {
            "UploadConversionAdjustments": method(
                ads.adjust, adjust.UploadConversionAdjustmentsRequest, adjust.UploadConversionAdjustmentsResponse
            )
        },
    )


def _with_faults(sandbox: Sandbox, call: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a handler that fails as often as the sandbox says, and turns refusals into errors of gRPC."""
    import grpc

    def handle(request: Any, context: Any) -> Any:
        fault, wait = sandbox.faults.draw(), sandbox.faults.wait
        if fault is Fault.BUSY:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down")
        if fault is Fault.BROKEN:
            context.abort(grpc.StatusCode.INTERNAL, "broken")
        if fault is Fault.AWAY:
            context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        if fault is Fault.LATE:
            time.sleep(wait.late)
        taken = call(request)
        if fault is Fault.CUT:
            context.abort(grpc.StatusCode.UNAVAILABLE, "connection closed")
        if taken is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such request")
        if isinstance(taken, list):
            context.abort_with_status(_refusal(taken))
        return taken

    return handle


def _refusal(violations: list[tuple[str, str]]) -> Any:
    from google.rpc.code_pb2 import INVALID_ARGUMENT
    from google.rpc.error_details_pb2 import BadRequest
    from google.rpc.status_pb2 import Status
    from grpc_status import rpc_status

    detail = BadRequest()
    for name, reason in violations:
        detail.field_violations.add(field=name, reason=reason, description=reason)
    status = Status(code=INVALID_ARGUMENT, message="There was a problem")
    status.details.add().Pack(detail)
    return rpc_status.to_status(status)


def variables(sandbox: Sandbox) -> dict[str, str]:
    """Return the variables with which leadworth talks to a running sandbox instead of the platforms."""
    http, grpc = f"http://127.0.0.1:{sandbox.http_port}", f"127.0.0.1:{sandbox.grpc_port}"
    actions = json.dumps({"lead": "101", "qualified": "102", "won": "103"})
    given = {
        "google": {"endpoint": grpc, "customer": "1234567890", "actions": actions},
        "google_ads": {
            "endpoint": grpc, "customer": "1234567890", "actions": actions, "developer_token": "sandbox",
            "version": sandbox.version,
        },
        "meta": {"endpoint": http, "dataset": "1", "token": "sandbox"},
        "linkedin": {"endpoint": http, "actions": actions, "token": "sandbox"},
        "microsoft": {
            "endpoint": http, "account": "1", "customer": "2", "actions": actions, "login": f"{http}/token",
            "refresh_token": "sandbox", "developer_token": "sandbox",
        },
        "tiktok": {"endpoint": http, "event_set": "1", "token": "sandbox"},
        "ga4": {"endpoint": grpc, "measurement": "G-SANDBOX", "property": "1"},
    }  # fmt: skip
    if not sandbox.has_google:
        given = {name: values for name, values in given.items() if name not in ("google", "google_ads", "ga4")}
    if find_spec("google") is None or find_spec("google.ads.googleads") is None:
        given.pop("google_ads", None)
    return {
        f"LEADWORTH_EXPORT__{name.upper()}__{key.upper()}": value
        for name, values in given.items()
        for key, value in values.items()
    }


def state_of(port: int) -> dict[str, Any]:
    """Return what the sandbox on a port holds."""
    import httpx2

    with httpx2.Client() as client:
        found: dict[str, Any] = json.loads(client.get(f"http://127.0.0.1:{port}{STATE}").content)
    return found
