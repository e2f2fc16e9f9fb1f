"""Send the same HTTP requests over a few kept-alive connections, as fast as they are answered.

Run as a process of its own, so that it does not share an interpreter with the server::

    python -m benchmarks.load '{"port": 8000, "path": "/livez", "requests": 5000, "connections": 16}'

Bounded by the number of requests and by time; to loopback only. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import uvloop

SECONDS_AT_MOST = 30.0


@dataclass(frozen=True)
class Load:
    """Requests of one run."""

    port: int
    path: str
    requests: int
    connections: int = 16
    method: str = "GET"
    bodies: list[str] = field(default_factory=lambda: [""])
    headers: dict[str, str] = field(default_factory=dict)

    def messages(self) -> list[bytes]:
        """Return the requests as bytes, to be sent in turn."""
        headers = {"Host": f"127.0.0.1:{self.port}", "Content-Type": "application/json", **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return [
            f"{self.method} {self.path} HTTP/1.1\r\n{lines}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()
            for body in self.bodies
        ]


class Connection(asyncio.Protocol):
    """One kept-alive connection; sends the next request when the answer is complete."""

    def __init__(self, messages: list[bytes], shared: Shared, first: int) -> None:
        self.messages = messages
        self.shared = shared
        self.turn = first
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Collect an answer; send the next request when it is whole."""
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lowered = head.lower()
        at = lowered.index(b"content-length:") + len(b"content-length:")
        if len(rest) < int(lowered[at:].split(b"\r\n", 1)[0]):
            return
        self.buffer = b""
        self.shared.answered(head[9:12], time.perf_counter() - self.sent_at)
        if self.shared.over:
            self.transport.close()
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the end of the connection."""
        del exc
        self.shared.closed()

    def _send(self) -> None:
        self.shared.left -= 1
        self.turn += 1
        self.sent_at = time.perf_counter()
        self.transport.write(self.messages[self.turn % len(self.messages)])


class Shared:
    """Counts shared by the connections of a run."""

    def __init__(self, load: Load) -> None:
        self.left = load.requests
        self.open = load.connections
        self.seconds: list[float] = []
        self.statuses: dict[str, int] = {}
        self.until = time.perf_counter() + SECONDS_AT_MOST
        self.done = asyncio.get_running_loop().create_future()

    @property
    def over(self) -> bool:
        """Whether all was sent, or the time is up."""
        return self.left <= 0 or time.perf_counter() > self.until

    def answered(self, status: bytes, seconds: float) -> None:
        """Count a response."""
        self.statuses[status.decode()] = self.statuses.get(status.decode(), 0) + 1
        self.seconds.append(seconds)

    def closed(self) -> None:
        """Count the end of a connection."""
        self.open -= 1
        if self.open == 0 and not self.done.done():
            self.done.set_result(None)


async def measure(load: Load) -> dict[str, object]:
    """Return requests a second, latencies in ms and the statuses of the answers."""
    shared = Shared(load)
    messages = load.messages()
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    for number in range(load.connections):
        await loop.create_connection(lambda n=number: Connection(messages, shared, n), "127.0.0.1", load.port)
    await asyncio.wait_for(shared.done, SECONDS_AT_MOST + 30)
    taken = time.perf_counter() - start
    cuts = statistics.quantiles(shared.seconds, n=100)
    return {
        "requests": len(shared.seconds),
        "per_second": len(shared.seconds) / taken,
        "p50_ms": cuts[49] * 1e3,
        "p99_ms": cuts[98] * 1e3,
        "statuses": shared.statuses,
    }


def run(load: Load) -> dict[str, Any]:
    """Measure in another process."""
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    given = Load(**json.loads(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.read()))
    sys.stdout.write(json.dumps(uvloop.run(measure(given))) + "\n")
