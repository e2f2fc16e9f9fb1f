"""HTTP protocol of uvicorn with limits on what a connection may send and how long it may take.

uvicorn's httptools protocol limits neither the size of a request's head, trailer and chunk sizes, nor the time until a
request is complete, so one client could fill the memory with headers, or hold all connections half-open (Slowloris).
The hooks overridden here are those of `uvicorn.protocols.http.httptools_impl`, which has no settings for them.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.overload import RETRY_SECONDS, OverloadRefusal

HEAD_BYTES = 65_536
"""Most bytes of a request that are not its body, plus the length of the body, which leaves room for small chunks."""
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
MOST_CONNECTIONS = 8_192
"""Connections of a process, whatever its limit of open files: an idle one takes 6 kB of memory."""
_PROBLEM = b'{"type":"urn:leadworth:problem:head-too-large","title":"Request Header Fields Too Large","status":431}'
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_PROBLEM), _PROBLEM)
)


def most_connections() -> int:
    """Return how many connections a process accepts: its limit of open files without those it needs itself."""
    return min(max(_file_limit() - spare_files(), 16), MOST_CONNECTIONS)


def spare_files() -> int:
    """Return how many file descriptors are kept for the store, logs, models and connections just accepted."""
    return max(_file_limit() // 8, 128)


def raise_file_limit() -> None:
    """Raise the limit of open files as far as the system allows and `MOST_CONNECTIONS` needs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS
    if _file_limit() < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _file_limit() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


class BoundedHttpProtocol(HttpToolsProtocol):
    """Connection that is closed if its request is too large or too slow.

    Beyond `most_connections`, the oldest connection that has not sent a whole request is closed for each new one.

    Parameters
    ----------
    refusal
        Response to requests beyond the limit on those that are answered at the same time; None: no limit.
    """

    incomplete: ClassVar[dict[BoundedHttpProtocol, None]] = {}
    """Connections of this process without a complete request, oldest first."""

    def __init__(self, *arguments: Any, refusal: OverloadRefusal | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._refusal = refusal
        self._refused = False
        self._in_head = True
        self._begun = False
        self._body_bytes = 0
        self._other_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._expect(HEAD_SECONDS)
        if len(self.connections) > most_connections():
            oldest = next(iter(self.incomplete))
            oldest._complete()  # the next connection of this turn of the loop closes another one
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._complete()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse data; refuse a head, a trailer or sizes of chunks that are too large."""
        self._begun = False
        body_bytes = self._body_bytes
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._other_bytes += len(data)
        elif not self._begun:  # else most of it is the head, or of the request before
            self._other_bytes += len(data) - (self._body_bytes - body_bytes)
        if self._other_bytes > HEAD_BYTES + self._body_bytes:
            if self.cycle is None or not self.cycle.response_started:  # type: ignore[redundant-expr]
                self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = self._begun = True
        self._body_bytes = self._other_bytes = 0
        if self._refused:  # and more than the refused request has arrived
            self._refused = False
            self.flow.resume_reading()
        self._expect(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """Expect the body; refuse the request if too many others are being answered."""
        self._in_head = False
        self._expect(BODY_SECONDS)
        # Behind another request of the same connection, it becomes a task in the place of that one.
        waits = self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]
        if self._refusal is not None and not waits and self._refusal.is_due(self._running(), self.url):
            self._refuse(self._refusal)
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep the body, unless the request is refused."""
        self._body_bytes += len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the wait: the request is complete."""
        self._complete()
        if not self._refused:
            super().on_message_complete()
        elif not self.transport.is_closing():
            # Clients that do not wait would leave no time for the requests that are answered.
            self.flow.pause_reading()
            self._deadline = self.loop.call_later(RETRY_SECONDS, self._read_again)

    def _read_again(self) -> None:
        self._deadline = None
        self.flow.resume_reading()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _running(self) -> int:
        """Return how many requests are being answered; uvicorn removes finished tasks only in the next turn."""
        return sum(not task.done() for task in self.tasks)

    def _refuse(self, refusal: OverloadRefusal) -> None:
        self._refused = True
        if self.transport.is_closing():  # after a request that ended the connection
            return
        head, body = refusal.response(self.headers, self.server_state.default_headers)
        self.transport.write(head if self.parser.get_method() == b"HEAD" else head + body)
        # A client that waits for `100 Continue` may or may not send its body now.
        if self.expect_100_continue or self.parser.get_http_version() == "1.0" or not self.parser.should_keep_alive():
            self.transport.close()

    def _expect(self, seconds: float) -> None:
        self._complete()
        self.incomplete[self] = None
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _complete(self) -> None:
        self.incomplete.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
