"""Requests to a CRM: repetitions, credentials and quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.crm_http import CrmHttp, DailyQuota, QuotaReachedError
from crm.sandbox.peer_account import PeerAccount
from leadworth.fault_injection import Fault, Faults, Wait
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnauthorisedError
from leadworth.http_retry import ATTEMPTS
from leadworth.peer_server import serve_peer
from tests.crm.sandbox.made_up_peer import MadeUpPeer


def quota(headers: Mapping[str, str]) -> DailyQuota | None:
    return DailyQuota(int(headers["x-limit"]), int(headers["x-left"])) if "x-left" in headers else None


class Scripted(Faults):
    """Injects the faults of a list, then none."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(wait=Wait(late=0.0, retry_after=0.0))
        self._script = list(faults)

    def draw(self) -> Fault | None:
        return self._script.pop(0) if self._script else None


@contextmanager
def connected(peer: MadeUpPeer, faults: Faults | None = None, share: float = 1.0) -> Iterator[CrmHttp]:
    tokens = ["first"]

    def renew() -> None:
        tokens.append("second")

    http = HttpClient(5.0)
    with serve_peer(peer, faults=faults) as address:
        yield CrmHttp(
            http,
            address,
            lambda: {"Authorization": f"Bearer {tokens[-1]}"},
            renew=renew,
            read_quota=quota,
            quota_share=share,
            wait_initial_seconds=0.0,
        )
    http.close()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([Fault.BUSY, Fault.BROKEN, Fault.AWAY, Fault.CUT]), max_size=3))
def test_a_request_survives_faults_of_the_connection(script: list[Fault]) -> None:
    account = PeerAccount()
    created = account.create("contacts", {"email": "ada@example.org"})
    with connected(MadeUpPeer(account), Scripted(*script)) as crm:
        assert crm.json("GET", "/records") == [created]
        assert crm.requests == len(script) + 1


def test_a_server_that_stays_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadworth.http_retry.LONGEST_WAIT_SECONDS", 0.0)
    faults = Scripted(*[Fault.BUSY] * ATTEMPTS)
    with connected(MadeUpPeer(PeerAccount()), faults) as crm, pytest.raises(BusyError):
        crm.json("GET", "/records")


def test_the_clock_of_the_crm_is_that_of_its_fastest_answer() -> None:
    with connected(MadeUpPeer(PeerAccount()), Scripted(Fault.LATE)) as crm:
        assert crm.clock_offset is None
        crm.json("GET", "/records")
        first = crm.clock_offset
        crm.json("GET", "/records")
        assert first is not None
        assert crm.clock_offset is not None
        assert timedelta(seconds=-5) < first <= crm.clock_offset < timedelta(seconds=1)


def test_a_token_that_ended_is_renewed_once() -> None:
    peer = MadeUpPeer(PeerAccount())
    peer.token = "second"
    with connected(peer) as crm:
        assert crm.json("GET", "/records") == []
        peer.token = "third"
        with pytest.raises(UnauthorisedError):
            crm.json("GET", "/records")


def test_a_run_uses_its_share_of_the_day_only() -> None:
    peer = MadeUpPeer(PeerAccount())
    with connected(peer, share=0.004) as crm:
        for _ in range(4):
            crm.json("GET", "/records")
        with pytest.raises(QuotaReachedError, match="4 requests used of 4 for a run"):
            crm.json("GET", "/records")
    assert peer.left == 996


def test_nothing_is_requested_where_nothing_is_left_today() -> None:
    peer = MadeUpPeer(PeerAccount())
    peer.left = 1
    with connected(peer) as crm:
        crm.json("GET", "/records")
        with pytest.raises(QuotaReachedError):
            crm.json("GET", "/records")
