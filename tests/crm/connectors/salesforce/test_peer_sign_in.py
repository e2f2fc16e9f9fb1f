"""Token endpoint of the peer."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from crm.connectors.salesforce.peer_sign_in import JWT_GRANT, SignIn
from crm.connectors.salesforce.salesforce_api import signed
from crm.sandbox.peer_account import PeerClock

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def answer(sign_in: SignIn, **changes: object) -> tuple[int, dict[str, object]]:
    claims = {
        "iss": sign_in.consumer_key,
        "sub": sign_in.username,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    form = {"grant_type": JWT_GRANT, "assertion": signed(claims | changes, KEY)}
    return sign_in.answer(urlencode(form), "http://peer")


def test_a_session_ends_by_time_and_its_answer_does_not_say_when() -> None:
    clock = PeerClock()
    sign_in = SignIn(KEY.public_key(), clock)
    status, body = answer(sign_in)
    assert (status, body["instance_url"]) == (200, "http://peer")
    assert "expires_in" not in body
    assert sign_in.is_valid(f"Bearer {body['access_token']}")
    clock.advance(hours=2)
    assert not sign_in.is_valid(f"Bearer {body['access_token']}")


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"exp": int(time.time()) + 3600}, {"aud": "https://example.org"}, {"sub": "x"}, {"iss": "x"}],
)
def test_wrong_claims_are_refused(changes: dict[str, object]) -> None:
    status, body = answer(SignIn(KEY.public_key(), PeerClock()), **changes)
    assert (status, body["error"]) == (400, "invalid_grant")


def test_other_grants_are_refused() -> None:
    sign_in = SignIn(KEY.public_key(), PeerClock())
    assert sign_in.answer("grant_type=password", "")[1]["error"] == "unsupported_grant_type"
    assert sign_in.answer(f"grant_type={JWT_GRANT}&assertion=x", "")[1]["error_description"] == "invalid assertion"
