"""OAuth 2 access tokens by refresh token (RFC 6749, section 6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from conversions.delivery_errors import UnauthorisedError
from conversions.http_client import HttpClient, read_json

if TYPE_CHECKING:
    from pydantic import SecretStr

EARLY_SECONDS = 120.0
"""Time before its end at which a token is refreshed."""


class OAuth2Token:
    """Access token of one application and user, cached until shortly before it expires.

    Parameters
    ----------
    http
        HTTP client.
    url
        Address of the token endpoint.
    client, secret
        Credentials of the application; the secret may be empty.
    refresh
        Refresh token.
    scope
        Requested scope.
    """

    def __init__(
        self, http: HttpClient, url: str, client: str, secret: SecretStr, refresh: SecretStr, scope: str
    ) -> None:
        self._http = http
        self._url = url
        self._client = client
        self._secret = secret
        self._refresh = refresh
        self._scope = scope
        self._token = ""
        self._expires_at = 0.0

    def token(self) -> str:
        """Return a valid access token.

        Raises
        ------
        UnauthorisedError
            Where the endpoint refuses.
        """
        if time.monotonic() < self._expires_at:
            return self._token
        form = {
            "grant_type": "refresh_token",
            "client_id": self._client,
            "scope": self._scope,
            "refresh_token": self._refresh.get_secret_value(),
        }
        if secret := self._secret.get_secret_value():
            form["client_secret"] = secret
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._http.post(self._url, urlencode(form).encode(), headers)
        content = read_json(answer)
        if answer.status_code >= 400 or "access_token" not in content:
            raise UnauthorisedError(str(content.get("error", "no-token"))[:60])
        self._token = str(content["access_token"])
        self._expires_at = time.monotonic() + float(content.get("expires_in", 3600)) - EARLY_SECONDS
        return self._token
