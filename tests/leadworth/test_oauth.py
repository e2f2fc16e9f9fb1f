"""OAuth 2 access tokens by refresh token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conversions.sandbox.peer_servers import Sandbox
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnauthorisedError
from leadworth.oauth import OAuth2Token, refresh_form


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox().run() as running:
        yield running


@pytest.fixture
def http() -> Iterator[HttpClient]:
    client = HttpClient(2.0)
    yield client
    client.close()


def tokens(http: HttpClient, sandbox: Sandbox, refresh: str) -> OAuth2Token:
    url = f"{sandbox.http_address}/token"
    return OAuth2Token(http, url, lambda: refresh_form("client", "secret", refresh, "scope"))


def test_a_token_is_requested_once_until_it_expires(http: HttpClient, sandbox: Sandbox) -> None:
    cached = tokens(http, sandbox, "valid")
    assert {cached.token() for _ in range(3)} == {"of-the-sandbox"}
    assert sandbox.of("microsoft").counters["tokens"] == 1


def test_a_revoked_refresh_token_is_unauthorised(http: HttpClient, sandbox: Sandbox) -> None:
    with pytest.raises(UnauthorisedError) as raised:
        tokens(http, sandbox, "revoked").token()
    assert raised.value.code == "invalid_grant"
