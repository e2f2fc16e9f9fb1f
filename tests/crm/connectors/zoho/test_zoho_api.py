"""Requests: expired tokens, missing scopes, credits and too many requests."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import pytest

from crm.connectors.zoho.zoho_api import ZohoApi, refusal
from crm.crm_http import CrmRefusedError, QuotaReachedError
from leadworth.http_errors import UnauthorisedError
from tests.crm.connectors.zoho.zoho_world import FIELDS, ZohoWorld, read_all


def test_a_token_that_ends_in_mid_run_is_renewed_once(world: ZohoWorld) -> None:
    keys = [world.lead(number) for number in range(3)]
    connector = world.connector()
    connector.stages()
    world.peer.tokens.clear()
    assert len(read_all(connector, "Leads", FIELDS, None)) == len(keys)
    assert len(world.peer.given) == 2


def test_a_missing_scope_takes_no_further_token_and_names_the_remedy(world: ZohoWorld) -> None:
    world.peer.forbidden = {"Calls"}
    with pytest.raises(CrmRefusedError, match=r"OAUTH_SCOPE_MISMATCH.*scopes of docs/how-to/crm-zoho.md"):
        world.connector().count("Calls")
    assert len(world.peer.given) == 1


def test_a_refusal_without_a_code_names_its_status(world: ZohoWorld) -> None:
    with pytest.raises(UnauthorisedError, match="HTTP 401"):
        ZohoApi(world.http, world.section()).http.judge(httpx2.Response(401))
    assert str(refusal(403, {})) == "Zoho refused a request: HTTP 403"


def test_a_run_uses_its_share_of_the_credits_and_queries_cost_more(world: ZohoWorld) -> None:
    for number in range(450):
        world.lead(number)
    connector = world.connector(daily_credits=100, quota_share=0.08)
    assert len(read_all(connector, "Leads", FIELDS, None)) == 450
    # the fields, a query of 200 rows, one of 2,000, and two lists
    assert world.peer.used == 1 + 1 + 3 + 2
    with pytest.raises(QuotaReachedError, match="8 credits used of 8"):
        connector.stages()  # two requests


def test_too_many_requests_for_good_end_the_run_as_a_quota(world: ZohoWorld) -> None:
    world.peer.daily_limit = 0
    with pytest.raises(QuotaReachedError, match="TOO_MANY_REQUESTS"):
        world.connector().stages()
    assert world.peer.used == 8


def test_each_attempt_costs_credits(world: ZohoWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    api = ZohoApi(world.http, world.section())
    page, calls = world.peer.reads.page, []

    def shaky(module: str, query: Mapping[str, str], since: str) -> object:
        calls.append(module)
        if len(calls) < 3:
            raise RuntimeError
        return page(module, query, since)

    monkeypatch.setattr(world.peer.reads, "page", shaky)
    assert api.get("Leads", {"fields": "Email"}) == {}  # 204 has no body
    assert (api.credits, api.http.requests) == (3, 3)


def test_an_error_in_a_body_is_an_error_whatever_the_status(world: ZohoWorld) -> None:
    api = ZohoApi(world.http, world.section())
    with pytest.raises(CrmRefusedError, match="REQUIRED_PARAM_MISSING fields"):
        api.get("Leads")
    with pytest.raises(CrmRefusedError, match="INVALID_MODULE"):
        api.get("settings/fields", {"module": "Nothing"})
