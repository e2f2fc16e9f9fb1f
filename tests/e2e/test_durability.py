"""Every answered decision is stored, whatever happens to the store and to the service.

`DURABILITY_ROUNDS` repeats each failure: killed at random, black-holed, locked, failing, full and read-only.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

import pytest

from store.engine import open_engine
from store.migrate import upgrade
from tests.e2e.test_serve import home, served  # noqa: F401 - `home` is a fixture
from tests.store.failures import (
    Failure,
    fill,
    free,
    full_database,
    hidden_table,
    locked_sqlite,
    locked_table,
    own_role,
    read_only,
    small_disk,
)
from tests.store.silent_proxy import proxied

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("DURABILITY_ROUNDS", "1"))
NOTICED_SECONDS = 3.0
ENOUGH = 20
"""Answered leads of a round, at least."""


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

    def wait_for_answers(self) -> None:
        """Wait until enough leads are answered for their loss to be seen, also on a loaded machine."""
        end = time.monotonic() + 60
        while len(self.answered) <= ENOUGH:
            assert time.monotonic() < end, f"{len(self.answered)} answered, {self.refused} refused"
            time.sleep(0.01)

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
            except (OSError, HTTPException):  # also an answer that the kill cut off
                self.refused += 1
                time.sleep(0.01)


def stored_ids(url: str) -> set[str]:
    engine = open_engine(url)
    with engine.connect() as connection:
        ids = {row[0] for row in connection.exec_driver_sql("SELECT lead_id FROM decisions")}
    engine.dispose()
    return ids


def answered_then_killed(
    folder: Path, through: str, failure: Failure | None, *, seconds: float = 1.0, failed: bool = False
) -> Callers:
    """Run the service on a store, inject a failure, kill the service; return its callers.

    Parameters
    ----------
    folder
        Of the settings.
    through
        URL of the store.
    failure
        Makes the store fail; None: it does not.
    seconds
        Time of the calls before the failure or the kill.
    failed
        Whether the store fails from the start.
    """
    os.environ["LEADWORTH_SERVING__STORE"] = through
    try:
        with served(folder) as (address, process):
            callers = Callers(address, f"{time.time_ns()}")
            time.sleep(seconds)
            callers.wait_for_answers()
            if failure is not None:
                failure()
            if failure is not None or failed:
                end = time.monotonic() + NOTICED_SECONDS
                while _state(address) == "ready":
                    assert time.monotonic() < end, "the failure was not noticed"
                    time.sleep(0.05)
                time.sleep(1.0)
            process.kill()
            process.wait()
            callers.stop()
    finally:
        del os.environ["LEADWORTH_SERVING__STORE"]
    return callers


def _state(address: str) -> str:
    """Return ready, degraded, or refused where neither store nor disk takes decisions."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            return str(json.loads(answer.read())["status"])
    except HTTPError:
        return "refused"


def assert_all_stored(folder: Path, url: str, callers: Callers) -> None:
    """Start the service again, and find every answered lead in the store."""
    os.environ["LEADWORTH_SERVING__STORE"] = url
    try:
        with served(folder) as (address, _):
            end = time.monotonic() + 20
            while _state(address) != "ready":
                assert time.monotonic() < end
                time.sleep(0.1)
    finally:
        del os.environ["LEADWORTH_SERVING__STORE"]
    assert len(callers.answered) > ENOUGH
    assert set(callers.answered) <= stored_ids(url)


def moment(number: int) -> float:
    """Return a random time of a round in seconds, the same in each run."""
    return random.Random(number).uniform(0.5, 2.5)


def created(url: str) -> None:
    """Create the tables."""
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize("kind", ["killed", "locked", "failing"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_sqlite(home: Path, kind: str, number: int) -> None:  # noqa: F811
    file = home / "leadworth.db"
    url = f"sqlite:///{file}"
    created(url)
    if kind == "killed":
        callers = answered_then_killed(home, url, None, seconds=moment(number))
    else:
        with locked_sqlite(file) if kind == "locked" else hidden_table(url) as failure:
            callers = answered_then_killed(home, url, failure)
    assert_all_stored(home, url, callers)


@pytest.mark.parametrize("kind", ["full", "full with the spool", "read-only"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_sqlite_on_a_failing_disk(home: Path, kind: str, number: int) -> None:  # noqa: F811
    spool = home / ".leadworth" / "spool"
    with small_disk(home) as disk:
        url = f"sqlite:///{disk / 'leadworth.db'}"
        created(url)
        shutil.rmtree(spool, ignore_errors=True)
        if kind == "read-only":
            with read_only(disk):
                callers = answered_then_killed(home, url, None, failed=True)
        else:
            if kind != "full":
                (disk / "spool").mkdir()
                spool.parent.mkdir(exist_ok=True)
                spool.symlink_to(disk / "spool")
            callers = answered_then_killed(home, url, lambda: fill(disk))
            free(disk)
        assert_all_stored(home, url, callers)
        if spool.is_symlink():
            spool.unlink()
        assert callers.refused or kind != "full with the spool"


@pytest.mark.parametrize("kind", ["killed", "silent", "failing", "locked", "full", "read-only"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_postgresql(home: Path, postgres: str, kind: str, number: int) -> None:  # noqa: F811
    with own_role(postgres) as (url, make_read_only, make_writable), proxied(url) as (proxy, through):
        created(url)
        if kind == "killed":
            callers = answered_then_killed(home, through, None, seconds=moment(number))
        elif kind == "silent":
            callers = answered_then_killed(home, through, lambda: setattr(proxy, "silent", True))
            proxy.silent = False
        elif kind == "read-only":
            callers = answered_then_killed(home, through, make_read_only)
            make_writable()
        else:
            failures = {"failing": hidden_table, "locked": locked_table, "full": full_database}
            with failures[kind](url) as failure:
                callers = answered_then_killed(home, through, failure)
        assert_all_stored(home, url, callers)
