"""Server of a local CRM peer."""

from __future__ import annotations

import pytest

from crm.sandbox.peer_account import PeerAccount
from leadworth.fault_injection import Fault, Faults
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnansweredError
from leadworth.peer_server import serve_peer
from tests.crm.sandbox.made_up_peer import MadeUpPeer


class Always(Faults):
    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    def draw(self) -> Fault:
        return self._fault


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.CUT])
def test_a_fault_gives_no_usable_answer(fault: Fault) -> None:
    http = HttpClient(5.0)
    with serve_peer(MadeUpPeer(PeerAccount()), faults=Always(fault)) as address, pytest.raises(UnansweredError):
        http.request("GET", f"{address}/records")
    http.close()


def test_a_cut_answer_comes_after_the_request_took_effect() -> None:
    peer = MadeUpPeer(PeerAccount())
    http = HttpClient(5.0)
    with serve_peer(peer, faults=Always(Fault.CUT)) as address, pytest.raises(UnansweredError):
        http.request("GET", f"{address}/records")
    http.close()
    assert peer.left == 999
