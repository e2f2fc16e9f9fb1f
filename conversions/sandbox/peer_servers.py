"""Servers of the sandbox: one for HTTP, one for gRPC, with the peers of all platforms and injected faults."""

from __future__ import annotations

import importlib
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from conversions.sandbox.effects import Effects
from conversions.sandbox.peer import Call, GrpcMethod, Handler, Peer, Reply, Unary
from leadworth.clock import Clock, utc_now
from leadworth.connection_context import is_installed
from leadworth.errors import ConfigurationError
from leadworth.fault_injection import Fault, Faults
from leadworth.platform_catalog import PACKAGE, platforms

STATE = "/_sandbox"
_POLL_SECONDS = 0.05


@dataclass
class Sandbox:
    """Peers of all platforms that have one, in one process.

    Attributes
    ----------
    faults
        Faults that are injected.
    fails
        Share of events that the Data Manager API fails after it accepted them.
    http_port, grpc_port
        0 before `run`: a free one.
    clock
        The time that counts as now for the age of an event.
    """

    faults: Faults = field(default_factory=Faults)
    fails: float = 0.0
    http_port: int = 0
    grpc_port: int = 0
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        self.effects: dict[str, Effects] = {}
        self.lock = threading.Lock()
        self.peers: dict[str, Peer] = {}
        self.handlers: dict[str, tuple[Peer, Handler]] = {}
        for name in platforms():
            if not is_installed(f"{PACKAGE}.{name}.peer"):  # a file has no API
                continue
            peer_type: type[Peer] = importlib.import_module(f"{PACKAGE}.{name}.peer").PEER
            if peer_type.is_available():
                peer = self.peers[name] = peer_type(self)
                self.handlers |= {path: (peer, handler) for path, handler in peer.paths().items()}

    @property
    def http_address(self) -> str:
        """URL of the HTTP server."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def grpc_address(self) -> str:
        """Host and port of the gRPC server."""
        return f"127.0.0.1:{self.grpc_port}"

    def of(self, platform: str) -> Effects:
        """Return the conversions that a platform holds."""
        with self.lock:
            return self.effects.setdefault(platform, Effects())

    def summary(self) -> dict[str, Any]:
        """Return the conversions that all platforms hold."""
        return {name: effects.summary() for name, effects in list(self.effects.items())}

    @contextmanager
    def run(self) -> Iterator[Sandbox]:
        """Serve until the block ends."""
        try:
            http = _Server(("127.0.0.1", self.http_port), _handler(self))
            grpc = self._serve_grpc()
        except (OSError, RuntimeError) as error:  # gRPC reports a used port as RuntimeError
            raise ConfigurationError(
                f"cannot listen at 127.0.0.1, ports {self.http_port} and {self.grpc_port}", do="choose another --port"
            ) from error
        self.http_port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            http.shutdown()
            http.server_close()
            thread.join(timeout=5)
            if grpc is not None:
                grpc.stop(None)

    def _serve_grpc(self) -> Any:
        """Start the gRPC server; None where no peer has a gRPC method."""
        services: dict[str, list[GrpcMethod]] = defaultdict(list)
        for peer in self.peers.values():
            for method in peer.grpc_methods():
                services[method.service].append(method)
        if not services:
            return None
        import grpc

        server = grpc.server(ThreadPoolExecutor(max_workers=16), options=[("grpc.so_reuseport", 0)])
        for service, methods in services.items():
            handlers = {method.name: _grpc_handler(self, method) for method in methods}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        self.grpc_port = server.add_insecure_port(f"127.0.0.1:{self.grpc_port}")
        server.start()
        return server


class _Server(ThreadingHTTPServer):
    """HTTP server that does not report callers that went away: tests kill them on purpose."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Write an error, unless the connection broke."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class RequestHandler(BaseHTTPRequestHandler):
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

    return RequestHandler


def _dispatch(sandbox: Sandbox, call: Call) -> Reply:
    """Call the handler with the longest path that the request's path begins with."""
    path = max((begin for begin in sandbox.handlers if call.path.startswith(begin)), key=len, default=None)
    if path is None:
        return Reply(404, {"message": "no such path"})
    peer, handler = sandbox.handlers[path]
    with peer.effects.lock:
        peer.effects.counters["requests"] += 1
        return handler(call)


def _grpc_handler(sandbox: Sandbox, method: GrpcMethod) -> Any:
    import grpc

    return grpc.unary_unary_rpc_method_handler(
        _with_faults(sandbox, method.call),
        request_deserializer=method.request.deserialize,
        response_serializer=method.response.serialize,
    )


def _with_faults(sandbox: Sandbox, call: Unary) -> Callable[[Any, Any], Any]:
    """Return a handler that injects faults and turns refusals into gRPC errors."""
    import grpc

    def handle(request: Any, context: Any) -> Any:
        fault = sandbox.faults.draw()
        if fault is Fault.BUSY:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down")
        if fault is Fault.BROKEN:
            context.abort(grpc.StatusCode.INTERNAL, "broken")
        if fault is Fault.AWAY:
            context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        if fault is Fault.LATE:
            time.sleep(sandbox.faults.wait.late)
        response = call(request, context)
        if fault is Fault.CUT:
            context.abort(grpc.StatusCode.UNAVAILABLE, "connection closed")
        if response is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such request")
        if isinstance(response, list):
            context.abort_with_status(_refusal(response))
        return response

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
    """Return the environment variables with which leadworth sends to a running sandbox instead of the platforms."""
    return {
        f"LEADWORTH_EXPORT__{name.upper()}__{key.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, peer in sandbox.peers.items()
        for key, value in peer.settings().items()
    }


def state_of(port: int) -> dict[str, Any]:
    """Return the conversions that the sandbox on a port holds."""
    import httpx2

    with httpx2.Client() as client:
        state: dict[str, Any] = json.loads(client.get(f"http://127.0.0.1:{port}{STATE}").content)
    return state
