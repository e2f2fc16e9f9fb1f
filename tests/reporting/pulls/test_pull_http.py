"""Requests to sources: repetitions, renewed credentials, refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from leadworth.fault_injection import Fault, Faults
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.http_retry import ATTEMPTS
from leadworth.peer_server import serve_peer
from reporting.pulls.brevo.peer import BrevoPeer
from reporting.pulls.pull_errors import PullRefusedError
from reporting.pulls.pull_http import PullHttp
from tests.reporting.pulls.pull_bench import LAST_DAY


class Scripted(Faults):
    """Injects the faults of a list, then none."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self._script = list(faults)

    def draw(self) -> Fault | None:
        return self._script.pop(0) if self._script else None


@contextmanager
def connected(*faults: Fault, tokens: list[str] | None = None) -> Iterator[PullHttp]:
    peer = BrevoPeer(LAST_DAY)
    keys = tokens or [peer.token]

    def headers() -> Mapping[str, str]:
        return {"api-key": keys[0]}

    def renew() -> None:
        keys.pop(0)

    http = HttpClient(5.0)
    with serve_peer(peer, faults=Scripted(*faults)) as address:
        yield PullHttp(http, f"{address}/v3", headers, renew=renew)
    http.close()


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.BROKEN, Fault.AWAY, Fault.CUT])
def test_a_fault_is_repeated(fault: Fault) -> None:
    with connected(fault, fault) as http:
        assert http.json("GET", "account") == {"companyName": "Example"}


def test_a_source_that_stays_busy_is_given_up() -> None:
    with connected(*[Fault.BUSY] * ATTEMPTS) as http, pytest.raises(BusyError):
        http.json("GET", "account")


def test_credentials_are_renewed_once() -> None:
    with connected(tokens=["old", "brevo-sandbox-token"]) as http:
        assert http.json("GET", "account")
    with connected(tokens=["old", "older", "brevo-sandbox-token"]) as http, pytest.raises(UnauthorisedError):
        http.json("GET", "account")


def test_a_refusal_shows_its_status_and_not_the_message() -> None:
    with connected() as http, pytest.raises(PullRefusedError, match="HTTP 400") as caught:
        http.json("GET", "emailCampaigns", params={"limit": "5000", "status": "sent"})
    assert "exceeds" not in str(caught.value)


def test_a_status_of_the_caller_raises_nothing() -> None:
    with connected() as http:
        assert http.request("GET", "nowhere", own={404}).status_code == 404
        with pytest.raises(UnansweredError, match="not JSON"):
            http.json("GET", "nowhere", own={404})
