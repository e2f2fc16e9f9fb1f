"""A connection that sends too much or too slowly is closed, and the service goes on answering."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import pytest
import uvicorn

from serving import http_protocol
from serving.accept_loop import AcceptingLoop
from serving.http_protocol import MOST_CONNECTIONS, BoundedHttpProtocol
from serving.overload import OverloadRefusal

SLOW_SECONDS = 0.5
Attack = Callable[[int], Awaitable[None]]


async def _application(scope: Any, receive: Any, send: Any) -> None:
    while scope["type"] == "http" and (await receive()).get("more_body"):
        pass
    await asyncio.sleep(SLOW_SECONDS if scope["path"] == "/slow" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def run(attack: Attack, *, limit: int = 100) -> None:
    """Run a server and an attack on its port."""

    async def both() -> None:
        http: Any = partial(BoundedHttpProtocol, refusal=OverloadRefusal(limit))
        config = uvicorn.Config(_application, port=0, http=http, lifespan="off", log_config=None, timeout_keep_alive=1)
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            await attack(port)
        finally:
            server.should_exit = True
            await serving

    with asyncio.Runner(loop_factory=AcceptingLoop) as runner:
        runner.run(both())


async def answer_of(port: int, content: bytes, *, timeout: float = 5.0) -> bytes:
    """Send bytes and return what comes back until the connection is closed or answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(content)
        return await asyncio.wait_for(reader.read(4_096), timeout)
    except ConnectionError:
        return b""
    finally:
        await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection and wait until it is."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def test_sound_requests_are_answered_also_with_a_large_body_and_pipelined() -> None:
    async def attack(port: int) -> None:
        body = b"x" * 500_000
        assert b"200 OK" in await answer_of(
            port, b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 500000\r\n\r\n" + body
        )
        twice = b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * 40_000 + b"\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(twice)
            assert b"200 OK" in await reader.readuntil(b"ok")
        await closed(writer)

    run(attack)


@pytest.mark.parametrize("part", [b"x: " + b"y" * 70_000, b"x: y\r\n" * 20_000])
def test_a_head_that_does_not_end_is_refused(part: bytes) -> None:
    async def attack(port: int) -> None:
        assert b"431" in await answer_of(port, b"GET / HTTP/1.1\r\nhost: a\r\n" + part)

    run(attack)


CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "part"),
    [
        (b"3\r\nabc\r\n0\r\nx: ", b"y" * 100_000),
        (b"3\r\nabc\r\n0\r\n", b"x: y\r\n" * 20_000),
        (b"3;x=", b"y" * 100_000),
        (b"", b"1\r\na\r\n" * 20_000),
        (b"", b"1;x=y\r\na\r\n" * 20_000),
    ],
)
def test_trailers_and_sizes_of_chunks_that_do_not_end_are_refused(begin: bytes, part: bytes) -> None:
    async def attack(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(CHUNKED + begin)
        await writer.drain()
        await asyncio.sleep(0.05)
        for _ in range(10):
            with suppress(ConnectionError):
                writer.write(part)
                await writer.drain()
        with suppress(ConnectionError):
            assert b"431" in await asyncio.wait_for(reader.read(), 5.0)
        await closed(writer)
        assert b"200 OK" in await answer_of(port, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")

    run(attack)


def test_small_chunks_and_a_trailer_are_taken() -> None:
    async def attack(port: int) -> None:
        chunks = b"100\r\n" + b"x" * 256 + b"\r\n"
        sent = CHUNKED + chunks * 2_000 + b"0\r\nx-checksum: abc\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(sent)
            assert b"200 OK" in await reader.readuntil(b"ok")
        await closed(writer)

    run(attack)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nhost:", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc"]
)
def test_an_incomplete_request_is_closed(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(http_protocol, "BODY_SECONDS", 0.2)

    async def attack(port: int) -> None:
        assert await answer_of(port, sent) == b""

    run(attack)


def test_half_open_connections_do_not_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "most_connections", lambda: 16)

    async def attack(port: int) -> None:
        with ExitStack() as stack:
            for _ in range(40):  # accepted in one turn of the loop
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(5):
                assert b"200 OK" in await answer_of(port, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert len(BoundedHttpProtocol.incomplete) <= 16

    run(attack)


GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
LIVEZ = b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n"


class Caller:
    """Kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def status(self, request: bytes = b"") -> bytes:
        """Send a request; return the status of the next answer."""
        self.writer.write(request)
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        if not request.startswith(b"HEAD"):
            await self.reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        return head[9:12]


def crowded(attack: Callable[[Caller], Awaitable[None]]) -> None:
    """Run an attack on a connection while as many requests are being answered as may be."""

    async def both(port: int) -> None:
        slow = Caller(*await asyncio.open_connection("127.0.0.1", port))
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        slow.writer.write(SLOW)
        await asyncio.sleep(0.1)
        await attack(caller)
        assert await slow.status() == b"200"
        await closed(caller.writer)
        await closed(slow.writer)

    run(both, limit=1)


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a connection again at once after a refusal."""
    monkeypatch.setattr(http_protocol, "RETRY_SECONDS", 0.05)


@pytest.mark.usefixtures("short_wait")
def test_requests_beyond_the_limit_are_refused_and_monitoring_is_answered() -> None:
    async def attack(caller: Caller) -> None:
        assert await caller.status(GET) == b"503"
        assert await caller.status(b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n") == b"503"
        assert await caller.status(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc") == b"503"
        assert await caller.status(LIVEZ) == b"200"
        await asyncio.sleep(SLOW_SECONDS)
        assert await caller.status(GET) == b"200"

    crowded(attack)


@pytest.mark.usefixtures("short_wait")
def test_the_body_of_a_refused_request_is_not_taken_for_the_next_one() -> None:
    async def attack(caller: Caller) -> None:
        head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 200000\r\n\r\n"
        assert await caller.status(head + b"x" * 100_000) == b"503"
        assert await caller.status(b"x" * 100_000 + LIVEZ) == b"200"

    crowded(attack)


@pytest.mark.usefixtures("short_wait")
def test_pipelined_requests_are_answered_in_their_order() -> None:
    async def attack(caller: Caller) -> None:
        caller.writer.write(GET + LIVEZ + GET + LIVEZ[:10])
        assert [await caller.status() for _ in range(3)] == [b"503", b"200", b"200"]  # behind an answered one
        assert await caller.status(LIVEZ[10:]) == b"200"

    crowded(attack)


@pytest.mark.usefixtures("short_wait")
@pytest.mark.parametrize(
    "request_", [b"GET / HTTP/1.0\r\n\r\n", GET[:-2] + b"connection: close\r\n\r\n"], ids=["1.0", "close"]
)
def test_a_refused_connection_that_is_not_kept_alive_is_closed(request_: bytes) -> None:
    async def attack(caller: Caller) -> None:
        assert await caller.status(request_ + GET) == b"503"
        assert await caller.reader.read() == b""

    crowded(attack)


def test_a_caller_that_waits_for_100_continue_is_refused_and_closed() -> None:
    async def attack(caller: Caller) -> None:
        head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n"
        assert await caller.status(head) == b"503"
        assert await caller.reader.read() == b""

    crowded(attack)


def test_a_refused_connection_is_read_again_after_the_wait_and_closed_when_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_protocol, "RETRY_SECONDS", 0.2)

    async def attack(port: int) -> None:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        start = asyncio.get_running_loop().time()
        assert await caller.status(GET) == b"503"
        assert await caller.status(LIVEZ) == b"200"
        assert asyncio.get_running_loop().time() - start > 0.19
        assert await caller.status(GET) == b"503"
        assert await asyncio.wait_for(caller.reader.read(), 10) == b""
        await closed(caller.writer)

    run(attack, limit=0)


def test_a_process_uses_files_as_far_as_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"current": (1_024, 4_096)}

    def set_limits(_: int, values: tuple[int, int]) -> None:
        limits["current"] = values

    monkeypatch.setattr(http_protocol.resource, "getrlimit", lambda _: limits["current"])
    monkeypatch.setattr(http_protocol.resource, "setrlimit", set_limits)
    assert http_protocol.most_connections() == 896
    http_protocol.raise_file_limit()
    assert limits["current"] == (4_096, 4_096)
    for unlimited in (1_048_576, http_protocol.resource.RLIM_INFINITY):
        limits["current"] = (1_024, unlimited)
        http_protocol.raise_file_limit()
        assert limits["current"] == (2 * MOST_CONNECTIONS, unlimited)
        limits["current"] = (unlimited, unlimited)
        http_protocol.raise_file_limit()
        assert limits["current"] == (unlimited, unlimited)
        assert http_protocol.most_connections() == MOST_CONNECTIONS


def test_a_request_right_after_the_last_answer_is_not_beyond_the_limit() -> None:
    async def attack(port: int) -> None:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        assert {await caller.status(GET) for _ in range(200)} == {b"200"}
        await closed(caller.writer)

    run(attack, limit=1)
