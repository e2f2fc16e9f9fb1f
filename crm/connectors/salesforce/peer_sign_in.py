"""Token endpoint and sessions of the local peer of Salesforce."""

from __future__ import annotations

import base64
import json
import secrets
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crm.connectors.salesforce.salesforce_account import API_USER_ID
from crm.connectors.salesforce.soql import full_id
from crm.sandbox.peer_account import PeerClock

ORGANIZATION_ID = full_id("00D5e0000000ORG")
AUDIENCES = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)


class SignIn:
    """Sessions of one org.

    Parameters
    ----------
    public_key
        Key of the app's certificate.
    clock
        Clock of the peer.

    Attributes
    ----------
    session_seconds
        Length of a session, a setting of the org; the token answer does not say it.
    requests_a_session
        Requests after which a session ends; None: only time ends it.
    """

    consumer_key = "3MVG9consumer"
    consumer_secret = "consumer-secret"
    username = "leadworth@example.org"

    def __init__(self, public_key: rsa.RSAPublicKey, clock: PeerClock) -> None:
        self._public_key = public_key
        self._clock = clock
        self._sessions: dict[str, list[Any]] = {}
        self.session_seconds = 7200.0
        self.requests_a_session: int | None = None
        self.signed_in = 0

    def answer(self, form: str, address: str) -> tuple[int, dict[str, Any]]:
        """Return status and body of a token request."""
        fields = {name: values[0] for name, values in parse_qs(form).items()}
        grant = fields.get("grant_type")
        if grant == JWT_GRANT:
            refusal = self._refusal(fields.get("assertion", ""))
        elif grant == "client_credentials":
            given = (fields.get("client_id"), fields.get("client_secret"))
            refusal = "" if given == (self.consumer_key, self.consumer_secret) else "invalid client credentials"
        else:
            return 400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"}
        if refusal:
            return 400, {"error": "invalid_grant", "error_description": refusal}
        token = f"00D!{secrets.token_urlsafe(24)}"
        self._sessions[token] = [self._clock.now() + timedelta(seconds=self.session_seconds), self.requests_a_session]
        self.signed_in += 1
        identity = f"https://login.salesforce.com/id/{ORGANIZATION_ID}/{API_USER_ID}"
        return 200, {
            "access_token": token,
            "scope": "api",
            "instance_url": address,
            "id": identity,
            "token_type": "Bearer",
        }

    def is_valid(self, authorization: str) -> bool:
        """Return whether a request has a session that goes on."""
        session = self._sessions.get(authorization.removeprefix("Bearer "))
        if session is None or session[0] <= self._clock.now() or session[1] == 0:
            return False
        if session[1] is not None:
            session[1] -= 1
        return True

    def end_sessions(self) -> None:
        """End all sessions, as an administrator or their time does."""
        self._sessions.clear()

    def _refusal(self, assertion: str) -> str:
        """Return why an assertion is refused; empty: it is valid."""
        text, _, signature = assertion.rpartition(".")
        try:
            self._public_key.verify(_decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims = json.loads(_decoded(text.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return "invalid assertion"
        now = time.time()  # the caller's clock: tests move only that of the records
        if claims.get("aud") not in AUDIENCES:
            return "audience is invalid"
        if not now - 1 <= float(claims.get("exp", 0)) <= now + LONGEST_ASSERTION.total_seconds() + 1:
            return "expired authorization code"
        if claims.get("iss") != self.consumer_key or claims.get("sub") != self.username:
            return "user hasn't approved this consumer"
        return ""


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
