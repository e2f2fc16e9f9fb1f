"""An access token from a refresh token, kept while it is good."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from conversions.delivery_errors import UnauthorisedError
from conversions.http_client import HttpClient, read_json

if TYPE_CHECKING:
    from pydantic import SecretStr

EARLY_SECONDS = 120.0


class OAuth2Token:
    """Tokens of one application and user.

    Parameters
    ----------
    http
        The client.
    url
        Where tokens are refreshed.
    client, secret
        The application; the secret may be empty.
    refresh
        The refresh token.
    scope
        What is asked for.
    """

    def __init__(
        self, http: HttpClient, url: str, client: str, secret: SecretStr, refresh: SecretStr, scope: str
    ) -> None:
        self._http, self._url, self._client, self._secret, self._scope = http, url, client, secret, scope
        self._refresh, self._token, self._until = refresh, "", 0.0

    def token(self) -> str:
        """Return a token that is good for a while.

        Raises
        ------
        UnauthorisedError
            Where none is given.
        """
        if time.monotonic() < self._until:
            return self._token
        asked = {
            "grant_type": "refresh_token", "client_id": self._client, "scope": self._scope,
            "refresh_token": self._refresh.get_secret_value(),
        }  # fmt: skip
        if secret := self._secret.get_secret_value():
            asked["client_secret"] = secret
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._http.post(self._url, urlencode(asked).encode(), headers)
        told = read_json(answer)
        if answer.status_code >= 400 or "access_token" not in told:
            raise UnauthorisedError(str(told.get("error", "no-token"))[:60])
        self._token = str(told["access_token"])
        self._until = time.monotonic() + float(told.get("expires_in", 3600)) - EARLY_SECONDS
        return self._token
