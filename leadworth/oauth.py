"""OAuth 2 access tokens (RFC 6749), cached until shortly before they expire."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from leadworth.http_client import HttpClient, read_json
from leadworth.http_errors import UnauthorisedError

EARLY_SECONDS = 120.0
"""Time before its end at which a token is renewed."""


class OAuth2Token:
    """Access token, requested when it is needed and cached until shortly before it expires.

    Parameters
    ----------
    http
        HTTP client.
    url
        Address of the token endpoint.
    form
        Returns the fields of a token request, such as `refresh_form(...)`; called for each request, because an
        assertion expires and a refresh token may be replaced.
    headers
        Further headers of a token request.
    on_answer
        Called with each answer, such as to store a new refresh token before the access token is used.
    lifetime_seconds
        Lifetime of a token whose answer names none.
    """

    def __init__(
        self,
        http: HttpClient,
        url: str,
        form: Callable[[], Mapping[str, str]],
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        on_answer: Callable[[Mapping[str, Any]], None] | None = None,
        lifetime_seconds: float = 3600.0,
    ) -> None:
        self._http = http
        self._url = url
        self._form = form
        self._headers = headers
        self._on_answer = on_answer
        self._lifetime_seconds = lifetime_seconds
        self._token = ""
        self._expires_at = 0.0

    def token(self) -> str:
        """Return a valid access token.

        Raises
        ------
        UnauthorisedError
            Where the endpoint refuses.
        """
        if self._token and time.monotonic() < self._expires_at:
            return self._token
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self._headers}
        answer = self._http.post(self._url, urlencode(self._form()).encode(), headers)
        content = read_json(answer)
        if answer.status_code >= 400 or "access_token" not in content:
            raise UnauthorisedError(str(content.get("error", "no-token"))[:60])
        if self._on_answer is not None:
            self._on_answer(content)
        lifetime = float(content.get("expires_in", self._lifetime_seconds))
        self._expires_at = time.monotonic() + lifetime - min(EARLY_SECONDS, lifetime / 2)
        self._token = str(content["access_token"])
        return self._token

    def forget(self) -> None:
        """Forget the token, because a server refused it before its end."""
        self._token = ""


def refresh_form(client: str, secret: str, refresh: str, scope: str = "") -> dict[str, str]:
    """Return the fields of a request by refresh token (RFC 6749, section 6); empty ones are left out.

    Examples
    --------
    >>> refresh_form("app", "", "r-1")
    {'grant_type': 'refresh_token', 'client_id': 'app', 'refresh_token': 'r-1'}
    """
    fields = {
        "grant_type": "refresh_token",
        "client_id": client,
        "client_secret": secret,
        "refresh_token": refresh,
        "scope": scope,
    }
    return {name: value for name, value in fields.items() if value}
