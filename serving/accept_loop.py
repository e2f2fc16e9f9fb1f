"""Event loop whose server accepts all waiting connections at once.

libuv, and with it uvloop, accepts one connection in each turn of the loop. A turn answers all requests that have
arrived, which takes a quarter of a second while thousands of connections are busy, so a new connection, for instance
a liveness probe, waited for minutes behind hundreds of others. asyncio's own loop accepts them all, but costs
throughput.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import structlog
import uvloop

from serving.http_protocol import spare_files

log = structlog.get_logger()

MOST_AT_ONCE = 512
"""Connections accepted in one turn, so that other workers get some of a burst."""
PAUSE_SECONDS = 0.1
"""Wait after the system refused to accept, for instance because all file descriptors are in use."""


class AcceptingLoop(uvloop.Loop):
    """Event loop of uvloop; `create_server` with a socket returns an `AcceptingServer`."""

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], *arguments: Any, **options: Any
    ) -> AcceptingServer | asyncio.AbstractServer:
        """Listen at the socket `sock`; without one, uvloop's server does so at an address."""
        listener = options.get("sock")
        if listener is None:
            return await super().create_server(protocol_factory, *arguments, **options)
        return AcceptingServer(self, protocol_factory, listener, options["backlog"])


class AcceptingServer:
    """Server that accepts connections until `close`; it has what uvicorn calls.

    Parameters
    ----------
    loop
        Event loop of the connections.
    protocol_factory
        Called for each connection.
    listener
        Bound stream socket, closed by `close`.
    backlog
        Connections that the system lets wait.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        listener: socket.socket,
        backlog: int,
    ) -> None:
        self._loop = loop
        self._protocol_factory = protocol_factory
        self._listener = listener
        self._opening: set[asyncio.Task[Any]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        listener.listen(backlog)
        self._resume()

    def close(self) -> None:
        """Accept no more connections; those that are open stay so."""
        if self._listener.fileno() < 0:
            return
        self._loop.remove_reader(self._listener)
        if self._pause is not None:
            self._pause.cancel()
        self._listener.close()

    async def wait_closed(self) -> None:
        """Wait until accepted connections have a protocol."""
        if self._opening:
            await asyncio.wait(self._opening)

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        # Beyond the limit of connections others are closed, but only later in this turn.
        for _ in range(min(MOST_AT_ONCE, spare_files() // 2)):
            try:
                accepted, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("connections wait", error=error.strerror)
                self._loop.remove_reader(self._listener)
                self._pause = self._loop.call_later(PAUSE_SECONDS, self._resume)
                return
            accepted.setblocking(False)
            task = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol_factory, accepted))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
