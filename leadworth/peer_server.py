"""HTTP server of a local peer: the interface of another system on this machine, with injected faults."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from leadworth.fault_injection import Fault, Faults

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send


class ServedPeer(Protocol):
    """Local peer with an HTTP interface."""

    def app(self) -> Starlette:
        """Return the application that answers as the other system does."""

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of an answer to too many requests."""


@contextmanager
def serve_peer(peer: ServedPeer, *, port: int = 0, faults: Faults | None = None) -> Iterator[str]:
    """Serve a peer in a thread, and return its address.

    Parameters
    ----------
    port
        0: a free one.
    faults
        Faults that are injected; None: none.
    """
    import uvicorn

    listener = socket.create_server(("127.0.0.1", port))
    app = FaultyApp(peer, faults or Faults())
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class FaultyApp:
    """Application of a peer that fails for a share of the requests.

    Parameters
    ----------
    peer
        The peer.
    faults
        Draws the fault of each request.
    """

    def __init__(self, peer: ServedPeer, faults: Faults) -> None:
        self._peer = peer
        self._faults = faults
        self._app: ASGIApp = peer.app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or fail."""
        fault = self._faults.draw()
        if fault is Fault.BUSY:
            status, headers, body = self._peer.busy()
            await _answer(send, status, headers, body)
        elif fault in (Fault.BROKEN, Fault.AWAY):
            await _answer(send, int(fault.value), {}, b"{}")
        elif fault is Fault.CUT:
            await self._app(scope, receive, _nowhere)
            # An answer that is shorter than announced: the server closes the connection.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            if fault is Fault.LATE:
                await asyncio.sleep(self._faults.wait.late)
            await self._app(scope, receive, send)


async def _answer(send: Any, status: int, headers: Any, body: bytes) -> None:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    pairs += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def _nowhere(message: Any) -> None:
    del message
