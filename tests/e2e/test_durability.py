"""Every answered decision is stored, whatever happens to the store and to the service.

`LEADWORTH_DURABILITY_ROUNDS` repeats each failure; the issue's figure is 20.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from store.engine import open_engine
from tests.e2e.test_serve import home, served, status  # noqa: F401 - `home` is a fixture
from tests.store.silent_proxy import proxied

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("LEADWORTH_DURABILITY_ROUNDS", "1"))
NOTICED_SECONDS = 3.0
Failure = Callable[[], Any]


class Callers:
    """Threads that post leads and note which were answered."""

    def __init__(self, address: str, prefix: str) -> None:
        self.address = address
        self.prefix = prefix
        self.answered: list[str] = []
        self.refused = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(4)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        for count in range(1_000_000):
            if self._stop.is_set():
                return
            lead_id = f"{self.prefix}-{number}-{count}"
            headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": lead_id} if number % 2 else {})
            body = json.dumps({"lead_id": lead_id, "email": f"ada{count}@acme.io"}).encode()
            try:
                request = urllib.request.Request(f"{self.address}/v1/scores", body, headers)
                with urllib.request.urlopen(request, timeout=20) as answer:
                    answer.read()
                self.answered.append(lead_id)
            except OSError:
                self.refused += 1
                time.sleep(0.01)


@contextmanager
def locked_sqlite(home_folder: Path) -> Iterator[Failure]:
    """Yield a function that locks the database; the lock ends with the block."""
    connection = sqlite3.connect(home_folder / "leadworth.db", check_same_thread=False, timeout=30)
    yield lambda: connection.execute("BEGIN EXCLUSIVE")
    connection.rollback()
    connection.close()


@contextmanager
def hidden_table(url: str) -> Iterator[Failure]:
    """Yield a function that makes every write fail until the block ends."""
    engine = open_engine(url)

    def rename(before: str, after: str) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")

    yield lambda: rename("decisions", "hidden")
    rename("hidden", "decisions")
    engine.dispose()


def stored_ids(url: str) -> set[str]:
    engine = open_engine(url)
    with engine.connect() as connection:
        ids = {row[0] for row in connection.exec_driver_sql("SELECT lead_id FROM decisions")}
    engine.dispose()
    return ids


def answered_then_killed(folder: Path, url: str, through: str, failure: Failure | None) -> Callers:
    """Run the service on a store, inject a failure, kill the service; return its callers."""
    os.environ["LEADWORTH_SERVING__STORE"] = through
    try:
        with served(folder) as (address, process):
            callers = Callers(address, f"{time.time_ns()}")
            time.sleep(1.0)
            if failure is not None:
                failure()
                end = time.monotonic() + NOTICED_SECONDS
                while not _degraded(address):
                    assert time.monotonic() < end, "the failure was not noticed"
                    time.sleep(0.05)
                time.sleep(1.0)
            process.kill()
            process.wait()
            callers.stop()
    finally:
        del os.environ["LEADWORTH_SERVING__STORE"]
    return callers


def _degraded(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
        return bool(json.loads(answer.read())["status"] == "degraded")
    return False


def assert_all_stored(folder: Path, url: str, callers: Callers) -> None:
    """Start the service again, and find every answered lead in the store."""
    os.environ["LEADWORTH_SERVING__STORE"] = url
    try:
        with served(folder) as (address, _):
            end = time.monotonic() + 20
            while status(f"{address}/readyz") != 200 or _degraded(address):
                assert time.monotonic() < end
                time.sleep(0.1)
    finally:
        del os.environ["LEADWORTH_SERVING__STORE"]
    assert len(callers.answered) > 20
    assert set(callers.answered) <= stored_ids(url)


@pytest.mark.parametrize("kind", ["killed", "locked", "failing"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_sqlite(home: Path, kind: str, number: int) -> None:  # noqa: F811
    url = f"sqlite:///{home / 'leadworth.db'}"
    with served(home):
        pass  # creates the tables
    if kind == "killed":
        callers = answered_then_killed(home, url, url, None)
    else:
        with locked_sqlite(home) if kind == "locked" else hidden_table(url) as failure:
            callers = answered_then_killed(home, url, url, failure)
    assert_all_stored(home, url, callers)


@pytest.mark.parametrize("kind", ["killed", "silent", "failing"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_postgresql(home: Path, postgres: str, kind: str, number: int) -> None:  # noqa: F811
    with proxied(postgres) as (proxy, through):
        if kind == "silent":
            callers = answered_then_killed(home, postgres, through, lambda: setattr(proxy, "silent", True))
            proxy.silent = False
        elif kind == "failing":
            with hidden_table(postgres) as failure:
                callers = answered_then_killed(home, postgres, through, failure)
        else:
            callers = answered_then_killed(home, postgres, through, None)
    assert_all_stored(home, postgres, callers)
