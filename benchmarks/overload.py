"""The service under attack: `python -m benchmarks.run overload`.

One worker of `leadworth serve` with API keys, a SQLite store and the default settings. While each attack runs, another
process reads the resident memory of the service and times `/livez` five times a second. Afterwards the service is
stopped and started, and every score that was answered is looked up in the store.

- overload: ten times as many connections as the service answers at the same time, for 60 seconds, each sending its
  next lead as soon as the last one is answered or refused
- half-open: 1,100 connections that send half a request, at a limit of 1,024 open files
- headers: 100 connections, four at a time, that send 200 MB of headers each, as far as the service reads them
- fields: 400 leads with a field of 1 MB each
- forms: 100,000 submissions of the public form from one address
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import text

from benchmarks.http_scoring import ENVIRONMENT, free_port, leadworth, server, trained
from benchmarks.service_watch import memory_mb
from leadworth.console import console
from leadworth.settings import load_settings
from store.engine import open_store

RESULTS = Path(__file__).parent / "results" / "overload.json"
SECONDS = 60.0
CONNECTIONS = 2_000
HALF_OPEN = 1_100
HEADER_BYTES = 200_000_000
FIELDS = ("phone", "message", "job_title", "user_agent", "source", "campaign", "email", "company")
LARGE_LEADS = 400
LARGE_FIELD = 1_000_000
FORMS = 100_000
PATIENCE_SECONDS = 30.0


@dataclass
class Answers:
    """Statuses of the answers to one attack, and the leads that were scored."""

    statuses: Counter[str] = field(default_factory=Counter)
    scored: list[str] = field(default_factory=list)


class Client:
    """One kept-alive connection, which connects again where the service closed it."""

    def __init__(self, port: int, answers: Answers) -> None:
        self._port = port
        self._answers = answers
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, headers: str = "", lead_id: str | None = None) -> str:
        """Send a request; return its status, or `closed`."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        try:
            status = await asyncio.wait_for(self._exchange(head.encode() + body), PATIENCE_SECONDS)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            await self.close()
            status = "timeout" if isinstance(error, TimeoutError) else "closed"
        self._answers.statuses[status] += 1
        if status == "200" and lead_id is not None:
            self._answers.scored.append(lead_id)
        return status

    async def _exchange(self, request: bytes) -> str:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        if b"connection: close" in head:
            await self.close()
        return head[9:12].decode()

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


@dataclass(frozen=True)
class Target:
    """The service under attack."""

    port: int
    process: int
    key: str

    @property
    def headers(self) -> str:
        """Headers of a scoring call."""
        return f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"


Attack = Callable[[Target, Answers], Awaitable[dict[str, Any]]]


async def overload(target: Target, answers: Answers) -> dict[str, Any]:
    """Keep ten times as many connections busy as the service answers at the same time."""
    end = time.monotonic() + SECONDS
    numbers = itertools.count()

    async def send() -> None:
        client = Client(target.port, answers)
        while time.monotonic() < end:
            lead_id = f"overload-{next(numbers)}"
            body = json.dumps({"lead_id": lead_id, "email": f"{lead_id}@acme.example"}).encode()
            if await client.post("/v1/scores", body, target.headers, lead_id) != "200":
                await asyncio.sleep(0.01)
        await client.close()

    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    return {"connections": CONNECTIONS, "seconds": SECONDS}


async def half_open(target: Target, answers: Answers) -> dict[str, Any]:
    """Hold connections with half a request, while four callers score leads."""
    held = []
    for number in range(HALF_OPEN):
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
            writer.write(b"POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
            held.append((reader, writer))
        if number % 100 == 99:
            await asyncio.sleep(0)
    end = time.monotonic() + 20.0
    numbers = itertools.count()

    async def send() -> None:
        client = Client(target.port, answers)
        while time.monotonic() < end:
            lead_id = f"half-open-{next(numbers)}"
            await client.post("/v1/scores", json.dumps({"lead_id": lead_id}).encode(), target.headers, lead_id)
        await client.close()

    await asyncio.gather(*(send() for _ in range(4)))
    left = sum(not reader.at_eof() for reader, _ in held)
    for _, writer in held:
        writer.transport.abort()
    return {"opened": len(held), "open_after_20_s": left}


async def headers(target: Target, answers: Answers) -> dict[str, Any]:
    """Send headers without end."""

    async def send() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Large: ")
        sent = 0
        with suppress(OSError):
            while sent < HEADER_BYTES and not reader.at_eof() and not writer.is_closing():
                writer.write(b"a" * 65_536)
                sent += 65_536
                await asyncio.wait_for(writer.drain(), PATIENCE_SECONDS)
        answer = b""
        with suppress(OSError):
            answer = await reader.read(12)
        answers.statuses[answer[9:12].decode() or "closed"] += 1
        writer.transport.abort()
        return sent

    sent = [sum(await asyncio.gather(*(send() for _ in range(4)))) for _ in range(25)]
    return {"connections": 100, "sent_bytes": sum(sent)}


async def fields(target: Target, answers: Answers) -> dict[str, Any]:
    """Score leads with one field of 1 MB."""
    numbers = iter(range(LARGE_LEADS))

    async def send() -> None:
        client = Client(target.port, answers)
        for number in numbers:
            lead = {"lead_id": f"field-{number}", FIELDS[number % len(FIELDS)]: f"{number:04}" + "7" * LARGE_FIELD}
            await client.post("/v1/scores", json.dumps(lead).encode(), target.headers, f"field-{number}")
        await client.close()

    await asyncio.gather(*(send() for _ in range(16)))
    return {"leads": LARGE_LEADS, "bytes": LARGE_FIELD}


async def forms(target: Target, answers: Answers) -> dict[str, Any]:
    """Submit the public form from one address."""
    numbers = iter(range(FORMS))

    async def send() -> None:
        client = Client(target.port, answers)
        for number in numbers:
            body = f"email=bot{number}%40acme.example&message=hello".encode()
            await client.post("/v1/forms/contact/leads", body, "Content-Type: application/x-www-form-urlencoded\r\n")
        await client.close()

    start = time.monotonic()
    await asyncio.gather(*(send() for _ in range(32)))
    return {"forms": FORMS, "seconds": time.monotonic() - start}


ATTACKS: dict[str, tuple[Attack, int]] = {
    "overload": (overload, 8_192),
    "half_open": (half_open, 1_024),
    "headers": (headers, 1_024),
    "fields": (fields, 1_024),
    "forms": (forms, 1_024),
}
"""Attack, and the limit of open files of the service."""


def main(home: str | None = None) -> None:
    """Measure, print and write benchmarks/results/overload.json.

    Parameters
    ----------
    home
        Folder of `leadworth demo` with a champion; left out: a model is trained first.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8_192), most))
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(home) if home else trained(Path(scratch) / "crm")
        key = leadworth(folder, "keys", "create", "benchmark", "-q").strip()
        for name, (attack, files) in ATTACKS.items():
            figures[name] = measured(folder, key, attack, files)
            console.print_json(data={name: figures[name]})
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measured(folder: Path, key: str, attack: Attack, files: int) -> dict[str, Any]:
    """Run one attack on a service of its own."""
    answers = Answers()
    before = stored(folder)
    with attacked(folder, key, files) as target:
        warm_up(target)
        with watched(target) as watch:
            details = uvloop.run(_run(attack, target, answers))
    with attacked(folder, key, files) as target:  # writes what waited on the disk when the service was stopped
        until_written(target)
    added = stored(folder) - before
    accepted = len(answers.scored) + answers.statuses["202"]
    return {
        **details,
        **watch,
        "statuses": dict(answers.statuses),
        "accepted": accepted,
        "lost": max(len(set(answers.scored) - {lead for lead, _ in added}), accepted - len(added), 0),
    }


async def _run(attack: Attack, target: Target, answers: Answers) -> dict[str, Any]:
    return await attack(target, answers)


@contextmanager
def attacked(folder: Path, key: str, files: int) -> Iterator[Target]:
    """Run a service with a limit of open files."""
    port = free_port()
    options = ["-m", "leadworth", "serve", "--port", str(port), "--config", str(folder / "leadworth.toml")]
    command = ["prlimit", f"--nofile={files}", sys.executable, *options]
    with server(command, f"http://127.0.0.1:{port}/readyz", ENVIRONMENT):
        yield Target(port, listener(port), key)


def listener(port: int) -> int:
    """Return the process that listens at a port of this machine."""
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    }
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if os.readlink(link)[8:-1] in inodes:
                return int(link.parts[2])
    raise SystemExit(f"no process listens at port {port}")


def warm_up(target: Target) -> None:
    """Score some leads, so that the memory of the idle service is that of a service that has worked."""
    for number in range(200):
        request = urllib.request.Request(
            f"http://127.0.0.1:{target.port}/v1/scores",
            json.dumps({"email": f"warm{number}@acme.example"}).encode(),
            {"Authorization": f"Bearer {target.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            answer.read()


@contextmanager
def watched(target: Target) -> Iterator[dict[str, Any]]:
    """Measure memory and `/livez` in another process; the figures are in the dictionary after the block."""
    figures: dict[str, Any] = {"idle_mb": memory_mb(target.process)}
    command = [sys.executable, "-m", "benchmarks.service_watch", str(target.port), str(target.process)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield figures
        output, _ = process.communicate("end\n")
    figures |= json.loads(output)


def until_written(target: Target) -> None:
    """Wait until nothing waits for the store."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{target.port}/readyz", timeout=5) as answer:
            state = json.loads(answer.read())
            if state["status"] == "ready" and not state["waiting"]:
                return
        time.sleep(0.2)


def stored(folder: Path) -> set[tuple[str, str]]:
    """Return lead and id of all decisions of the store."""
    settings = load_settings(folder / "leadworth.toml")
    with open_store(settings, migrate=True) as engine, engine.connect() as connection:
        return {(row[0], row[1]) for row in connection.execute(text("SELECT lead_id, decision_id FROM decisions"))}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
