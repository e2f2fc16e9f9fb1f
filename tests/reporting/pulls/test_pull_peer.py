"""The base of the peers: limit of requests and credentials."""

from __future__ import annotations

import time

from starlette.testclient import TestClient

from reporting.pulls.brevo.peer import BrevoPeer
from reporting.pulls.pull_peer import RequestLimit
from tests.reporting.pulls.pull_bench import LAST_DAY


def test_a_limit_admits_so_many_requests_in_a_time() -> None:
    limit = RequestLimit(2, 0.1)
    assert [limit.admit() for _ in range(3)] == [True, True, False]
    time.sleep(limit.wait_seconds())
    assert limit.admit()
    assert RequestLimit().wait_seconds() == 0.0


def test_requests_beyond_the_limit_or_without_the_token_are_refused() -> None:
    peer = BrevoPeer(LAST_DAY)
    client = TestClient(peer.app())
    assert client.get("/v3/account").status_code == 401
    key = {"api-key": peer.token}
    assert client.get("/v3/account", headers=key).status_code == 200
    peer.limit = RequestLimit(1)
    assert peer.limit.admit()
    assert client.get("/v3/account", headers=key).status_code == 429
    assert peer.calls["/v3/account"] == 1
