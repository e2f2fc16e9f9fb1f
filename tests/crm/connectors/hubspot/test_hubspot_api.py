"""Limits and errors of requests: waits, quotas, tokens, injected faults."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest
import stamina

from crm.connectors.hubspot.hubspot_api import HubSpotApi, HubSpotHttp, SearchPace
from crm.connectors.hubspot.hubspot_peer_faults import HubSpotPeerError
from crm.connectors.hubspot.peer import HubSpotPeer
from crm.connectors.hubspot.settings import HubSpotSection
from crm.crm_http import CrmRefusedError, QuotaReachedError
from leadworth.crm_records import ScoreRow
from leadworth.fault_injection import Faults, Wait
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnauthorisedError
from tests.crm.connectors.hubspot.hubspot_account import ALL_TIME, connected, ids, quick_peer, records, seed


@pytest.fixture
def peer() -> HubSpotPeer:
    return quick_peer()


@pytest.fixture
def no_waits() -> Iterator[None]:
    """Repeat requests as often as usual, at once."""
    with stamina.set_testing(True, attempts=8):
        yield


def judge(status: int, body: object, headers: dict[str, str] | None = None) -> None:
    api = HubSpotApi(HttpClient(1.0), HubSpotSection(token="t"))
    assert isinstance(api.http, HubSpotHttp)
    api.http.judge(httpx2.Response(status, content=json.dumps(body).encode(), headers=headers))


@pytest.mark.parametrize(
    ("status", "policy", "retry_after", "seconds"),
    [
        (429, "SECONDLY", None, 1.0),
        (429, "TEN_SECONDLY_ROLLING", None, 10.0),
        (429, "TEN_SECONDLY_ROLLING", "3", 3.0),
        (429, "something new", None, None),
        (423, "", "2", 2.0),
        (477, "", None, None),
    ],
)
def test_the_wait_is_that_of_the_answer_or_of_the_policy(
    status: int, policy: str, retry_after: str | None, seconds: float | None
) -> None:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    with pytest.raises(BusyError) as raised:
        judge(status, {"policyName": policy}, headers)
    assert (None if raised.value.after is None else raised.value.after.total_seconds()) == seconds


def test_all_requests_of_a_day_used_stops_the_run(peer: HubSpotPeer) -> None:
    seed(peer, 1_000)
    with connected(peer) as connector:
        peer.limits.daily = 4
        pages = connector.pages("contacts", [], ALL_TIME)
        assert next(pages).bookmark
        with pytest.raises(QuotaReachedError):
            list(pages)
        assert connector.requests <= 5


def test_a_run_uses_no_more_than_its_share_of_the_day(peer: HubSpotPeer) -> None:
    seed(peer, 2_000)
    peer.limits.daily = 50
    with connected(peer, quota_share=0.2) as connector:
        with pytest.raises(QuotaReachedError):
            list(connector.ids("contacts"))
        assert connector.requests == 10


def test_searches_keep_the_pace() -> None:
    waits: list[float] = []
    pace = SearchPace(5, waits.append)
    for _ in range(6):
        pace.wait()
    assert len(waits) == 1
    assert 0.5 < waits[0] <= SearchPace.WINDOW_SECONDS


def test_a_burst_is_refused_and_the_requests_repeated(peer: HubSpotPeer, no_waits: None) -> None:
    made = seed(peer, 300)
    answers = []

    def busy_twice(*, search: bool) -> None:
        answers.append(search)
        if len(answers) in (2, 3):
            peer.limits.ten_seconds, kept = 0, peer.limits.ten_seconds
            try:
                type(peer._counter).count(peer._counter, search=search)
            except IndexError:  # no request in the last ten seconds to name a wait for
                raise HubSpotPeerError(429, "RATE_LIMITS", "busy", policyName="TEN_SECONDLY_ROLLING") from None
            finally:
                peer.limits.ten_seconds = kept

    peer._counter.count = busy_twice  # type: ignore[method-assign]
    with connected(peer) as connector:
        assert [key for page in connector.ids("contacts") for key in page] == made
    assert len(answers) == 3 + 2


@pytest.mark.usefixtures("no_waits")
def test_nothing_is_lost_or_written_twice_in_effect_when_a_fifth_of_the_requests_fail(peer: HubSpotPeer) -> None:
    made = seed(peer, 1_000)
    faults = Faults(0.2, seed=3, wait=Wait(late=0.05))
    with connected(peer, faults) as connector:
        assert ids(records(connector.pages("contacts", [], ALL_TIME))) == made
        connector.create_score_fields("contacts")
        results = connector.write("contacts", [ScoreRow(key, {"lw_band": "A"}) for key in made[:100]])
        assert all(not result.reason for result in results)
    assert {record.values.get("lw_band") for record in peer.account.of("contacts").values()} == {"A", None}


def test_an_expired_oauth_token_is_renewed_in_mid_run(peer: HubSpotPeer) -> None:
    made = seed(peer, 700)
    peer.tokens_expire_after = 3
    app = {"token": "", "client_id": "app", "refresh_token": "refresh-sandbox"}
    with connected(peer, **app) as connector:
        assert [key for page in connector.ids("contacts") for key in page] == made


def test_a_refresh_token_that_was_revoked_ends_the_run(peer: HubSpotPeer) -> None:
    app = {"token": "", "client_id": "app", "refresh_token": "revoked"}
    with connected(peer, **app) as connector, pytest.raises(UnauthorisedError, match="invalid_grant"):
        connector.count("contacts")


def test_a_wrong_static_token_ends_the_run_at_once(peer: HubSpotPeer) -> None:
    with connected(peer, token="wrong") as connector:
        with pytest.raises(UnauthorisedError):
            connector.count("contacts")
        assert connector.requests == 1


def test_an_unknown_property_in_a_filter_is_an_error_with_a_trace(peer: HubSpotPeer) -> None:
    peer.objects.rules_of("contacts").removed.add("lastmodifieddate")
    with connected(peer) as connector, pytest.raises(CrmRefusedError, match="correlation id") as raised:
        records(connector.pages("contacts", [], ALL_TIME))
    assert raised.value.status == 400
