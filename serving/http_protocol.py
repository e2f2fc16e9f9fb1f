"""HTTP protocol of uvicorn with limits on what a connection may send and how long it may take.

uvicorn's httptools protocol limits neither the size of a request's head nor the time until a request is complete, so
one client could fill the memory with headers, or hold all connections half-open (Slowloris). The hooks overridden
here are those of `uvicorn.protocols.http.httptools_impl`, which has no settings for them.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 65_536
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
SPARE_FILES = 128
"""File descriptors kept for the store, logs and models."""
_PROBLEM = b'{"type":"urn:leadworth:problem:head-too-large","title":"Request Header Fields Too Large","status":431}'
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_PROBLEM), _PROBLEM)
)


def most_connections() -> int:
    """Return how many connections a process accepts: its limit of open files without those it needs itself."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft - SPARE_FILES, 16)


class BoundedHttpProtocol(HttpToolsProtocol):
    """Connection that is closed if its request is too large or too slow.

    Beyond `most_connections`, the oldest connection that has not sent a whole request is closed for each new one.
    """

    incomplete: ClassVar[dict[BoundedHttpProtocol, None]] = {}
    """Connections of this process without a complete request, oldest first."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head = True
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._expect(HEAD_SECONDS)
        if len(self.connections) > most_connections():
            next(iter(self.incomplete)).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._complete()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse data; refuse a head that is too large."""
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        self._expect(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """Expect the body."""
        self._in_head = False
        self._expect(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the wait: the request is complete."""
        self._complete()
        super().on_message_complete()

    def _expect(self, seconds: float) -> None:
        self._complete()
        self.incomplete[self] = None
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _complete(self) -> None:
        self.incomplete.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
