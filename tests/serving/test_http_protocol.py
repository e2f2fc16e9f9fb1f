"""A connection that sends too much or too slowly is closed, and the service goes on answering."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from serving import http_protocol
from serving.http_protocol import BoundedHttpProtocol

Attack = Callable[[int], Awaitable[None]]


async def _application(scope: Any, receive: Any, send: Any) -> None:
    while scope["type"] == "http" and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def run(attack: Attack) -> None:
    """Run a server and an attack on its port."""

    async def both() -> None:
        config = uvicorn.Config(_application, port=0, http=BoundedHttpProtocol, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            await attack(server.servers[0].sockets[0].getsockname()[1])
        finally:
            server.should_exit = True
            await serving

    asyncio.run(both())


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
        half_open = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        for _ in range(5):
            assert b"200 OK" in await answer_of(port, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        assert len(BoundedHttpProtocol.incomplete) <= 17
        for _, writer in half_open:
            await closed(writer)

    run(attack)
