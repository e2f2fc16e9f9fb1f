"""Connections that arrive together are accepted together."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest

from serving import accept_loop
from serving.accept_loop import AcceptingLoop, AcceptingServer

WAITING = 150


class Echo(asyncio.Protocol):
    """Connection that sends back what it receives."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Listener:
    """Server on a port, and the protocols it has made."""

    def __init__(self) -> None:
        self.made: list[Echo] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = self.socket.getsockname()

    def protocol(self) -> Echo:
        self.made.append(Echo())
        return self.made[-1]

    async def start(self) -> AcceptingServer:
        server = await asyncio.get_running_loop().create_server(self.protocol, sock=self.socket, backlog=2_048)
        assert isinstance(server, AcceptingServer)
        return server


def run(test: Callable[[Listener], Awaitable[None]]) -> None:
    """Run a test in the loop."""
    with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
        runner.run(_awaited(test))


async def _awaited(test: Callable[[Listener], Awaitable[None]]) -> None:
    await test(Listener())


async def echoed(client: socket.socket, content: bytes) -> bytes:
    """Send something and return what comes back."""
    loop = asyncio.get_running_loop()
    client.setblocking(False)
    await loop.sock_sendall(client, content)
    return await asyncio.wait_for(loop.sock_recv(client, 100), 5)


@contextmanager
def no_file_left() -> Iterator[None]:
    """Let this process open no further file."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as newest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (newest.fileno() + 1, limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_all_that_wait_are_accepted_in_a_few_turns_of_the_loop() -> None:
    async def test(listener: Listener) -> None:
        server = await listener.start()
        with ExitStack() as stack:
            clients = [stack.enter_context(socket.create_connection(listener.address)) for _ in range(WAITING)]
            for _ in range(10):
                await asyncio.sleep(0)
            assert len(listener.made) == WAITING  # the server of uvloop has accepted ten
            assert await echoed(clients[-1], b"hello") == b"hello"
            server.close()
            await server.wait_closed()

    run(test)


def test_a_closed_server_accepts_nothing_and_leaves_its_connections_open() -> None:
    async def test(listener: Listener) -> None:
        server = await listener.start()
        with socket.create_connection(listener.address) as client:
            assert await echoed(client, b"one") == b"one"
            server.close()
            server.close()
            await server.wait_closed()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(listener.address)
            assert await echoed(client, b"two") == b"two"

    run(test)


def test_connections_wait_while_no_file_descriptor_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accept_loop, "PAUSE_SECONDS", 0.02)

    async def test(listener: Listener) -> None:
        server = await listener.start()
        with socket.create_connection(listener.address) as client:
            with no_file_left():
                await asyncio.sleep(0.1)
                assert not listener.made
            assert await echoed(client, b"hello") == b"hello"
        server.close()

    run(test)


def test_without_a_socket_the_server_is_that_of_uvloop() -> None:
    async def test(listener: Listener) -> None:
        listener.socket.close()
        server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
        assert not isinstance(server, AcceptingServer)
        server.close()
        await server.wait_closed()

    run(test)
