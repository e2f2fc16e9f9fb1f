"""Requests to Pipedrive: credentials, tokens of the day, waits and refusals."""

from __future__ import annotations

import pytest
import stamina

from crm.connectors.pipedrive import pipedrive_peer_limits
from crm.connectors.pipedrive.peer import PipedrivePeer
from crm.connectors.pipedrive.pipedrive_api import PipedriveApi, token_cost
from crm.connectors.pipedrive.settings import PipedriveSection
from crm.crm_http import CrmRefusedError, QuotaReachedError
from leadworth.crm_records import ScoreRow
from leadworth.http_errors import BusyError, UnauthorisedError
from leadworth.peer_server import serve_peer
from tests.crm.connectors.pipedrive.pipedrive_account import connected, quick_peer, records, seed, shared_client


@pytest.fixture
def peer() -> PipedrivePeer:
    return quick_peer()


def oauth_section(peer: PipedrivePeer, address: str) -> PipedriveSection:
    client, secret = peer.client
    values = {**peer.settings(address), "token": "", "client_id": client, "client_secret": secret, "quota_share": 1.0}
    return PipedriveSection.model_validate({**values, "refresh_token": peer.refresh_token})


def test_an_access_token_that_expires_in_mid_run_is_renewed_with_the_replaced_refresh_token(
    peer: PipedrivePeer,
) -> None:
    peer.tokens_expire_after = 2
    with serve_peer(peer) as address:
        api = PipedriveApi(shared_client(), oauth_section(peer, address))
        for _ in range(7):
            assert api.get("v1/users/me")["data"]["id"] == 77
    assert peer.refresh_token == "refresh-4"


def test_calls_go_to_the_address_that_the_token_names(peer: PipedrivePeer) -> None:
    with serve_peer(peer) as address:
        section = oauth_section(peer, address).model_copy(update={"endpoint": "http://127.0.0.1:9"})
        api = PipedriveApi(shared_client(), section)
        api.get("v1/users/me")
        assert api.http.base == address


def test_a_wrong_token_is_refused_once(peer: PipedrivePeer) -> None:
    with connected(peer, token="wrong") as connector:
        with pytest.raises(UnauthorisedError):
            connector.stages()
        assert connector.requests == 1


def test_a_run_takes_its_share_of_the_tokens_and_no_more(peer: PipedrivePeer) -> None:
    seed(peer, 200, "deals")
    peer.limits.daily = 1_000
    with connected(peer, quota_share=0.1) as connector:
        with pytest.raises(QuotaReachedError, match=r"tokens used of 100 for a run"):
            [records(connector.pages("deals", ["title"], None)) for _ in range(30)]
        assert 100 <= peer.budget.spent < 120


@pytest.mark.parametrize("named", [True, False])
def test_the_end_of_the_day_stops_the_run_and_is_not_repeated(peer: PipedrivePeer, named: bool) -> None:
    peer.limits.daily, peer.limits.names_day = 25, named
    with connected(peer, quota_share=1.0) as connector:
        with pytest.raises(QuotaReachedError):
            [connector.fields("deals") for _ in range(9)]
        assert connector.requests <= 3
    assert peer.budget.spent <= 25


def test_too_many_requests_wait_as_long_as_the_answer_says() -> None:
    peer = quick_peer()
    peer.limits.burst = 0
    with stamina.set_testing(True, attempts=2), connected(peer) as connector, pytest.raises(BusyError) as caught:
        connector.stages()
    assert caught.value.after is not None
    assert caught.value.after.total_seconds() == 2.0


def test_a_window_without_requests_left_is_waited_for(peer: PipedrivePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipedrive_peer_limits, "WINDOW_SECONDS", 0.1)
    peer.limits.burst, peer.limits.patience = 3, 1
    with serve_peer(peer) as address:
        api = PipedriveApi(shared_client(), PipedriveSection.model_validate(peer.settings(address)))
        for _ in range(8):
            api.get("v1/users/me")
        assert api.http.requests == 8  # a refused one would have blocked the address


def test_an_address_that_is_blocked_stops_the_run_at_once(peer: PipedrivePeer) -> None:
    peer.limits.patience = 0
    with connected(peer) as connector:
        with pytest.raises(QuotaReachedError, match="blocks us"):
            connector.stages()
        assert connector.requests == 1


def test_a_refusal_says_status_and_code_and_no_value(peer: PipedrivePeer) -> None:
    with serve_peer(peer) as address:
        section = PipedriveSection.model_validate(peer.settings(address))
        api = PipedriveApi(shared_client(), section)
        with pytest.raises(CrmRefusedError, match="HTTP 400 ERR_SCHEMA_VALIDATION_FAILED"):
            api.get("v2/deals", {"updated_since": "2026-01-01"})


def test_the_tokens_that_are_counted_are_those_that_the_account_takes(peer: PipedrivePeer) -> None:
    lead = seed(peer, 1)[0]
    deal = peer.account.create("deals", {"stage": "won"})
    with connected(peer) as connector:
        connector.stages()
        connector.create_score_fields("leads")
        for name in ("leads", "deals", "persons"):
            records(connector.pages(name, [], None))
        list(connector.changes("deals", [deal]))
        connector.write("leads", [ScoreRow(lead, {"lw_band": "A"})])
        connector.write("deals", [ScoreRow(deal, {"lw_band": "A"})])
        connector.read("leads", [lead], [])
    assert sum(token_cost(method, f"api/{path}") for method, path in peer.calls) == peer.budget.spent
