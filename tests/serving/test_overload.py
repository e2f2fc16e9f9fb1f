"""Too many requests at the same time are refused; orchestrators are answered."""

from __future__ import annotations

import asyncio
from typing import Any

from serving.overload import ConcurrencyLimit


def test_requests_beyond_the_limit_are_refused() -> None:
    release = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    limited = ConcurrencyLimit(slow, limit=2)

    async def status_of(path: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        scope = {"type": "http", "path": path, "method": "POST", "headers": []}
        await limited(scope, None, send)  # type: ignore[arg-type]
        return messages

    async def crowd() -> list[list[dict[str, Any]]]:
        running = [asyncio.create_task(status_of(path)) for path in ("/a", "/b", "/livez")]
        await asyncio.sleep(0)
        [refused] = [await status_of("/c")]
        release.set()
        return [refused, *[await task for task in running], await status_of("/d")]

    refused, *answered = asyncio.run(crowd())
    assert refused[0]["status"] == 503
    assert (b"retry-after", b"1") in refused[0]["headers"]
    assert [messages[0]["status"] for messages in answered] == [200] * 4
