"""Access token of Zoho, which processes may share: Zoho gives out ten in ten minutes."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from crm.connectors.zoho.settings import ZohoSection
from leadworth.errors import ConfigurationError
from leadworth.http_client import HttpClient, read_json
from leadworth.http_errors import BusyError, UnauthorisedError
from leadworth.oauth import EARLY_SECONDS, refresh_form

ACCOUNTS = "https://accounts.zoho."
ACCOUNTS_OF = {"ca": "https://accounts.zohocloud.ca"}
"""Accounts servers whose address is not `ACCOUNTS` and the data centre."""
WAIT = timedelta(minutes=1)
"""Wait for another access token, once ten were given out in ten minutes."""
LONGEST_SECONDS = 86_400
REMEDIES = {
    "invalid_code": "the refresh token is revoked or was replaced by 20 newer ones: create another",
    "invalid_client": "the client id is unknown in this data centre: check client_id and data_centre",
    "invalid_client_secret": "check client_secret",
}


@dataclass(frozen=True)
class HeldToken:
    """An access token.

    Attributes
    ----------
    token
        The token.
    api_domain
        Address of the server that it is for.
    expires_at
        Seconds since 1970.
    account
        Digest of the refresh token that it is from.
    """

    token: str
    api_domain: str
    expires_at: float
    account: str


class ZohoToken:
    """Access token of one account, asked for when it is needed.

    Parameters
    ----------
    http
        HTTP client.
    section
        Settings.
    clock
        Returns seconds since 1970.
    """

    def __init__(self, http: HttpClient, section: ZohoSection, clock: Callable[[], float] = time.time) -> None:
        self._http = http
        self._section = section
        self._clock = clock
        self._file = Path(section.token_file) if section.token_file else None
        self._held: HeldToken | None = None
        self._refused = ""

    def held(self) -> HeldToken:
        """Return a valid token: our own, else that of another process, else a new one.

        Raises
        ------
        UnauthorisedError
            If Zoho refuses the refresh token.
        BusyError
            If ten tokens were given out in ten minutes.
        ConfigurationError
            If the shared file cannot be written.
        """
        for held in (self._held, self._shared()):
            if held is not None and held.token != self._refused and self._clock() < held.expires_at:
                self._held = held
                return held
        self._held = self._ask()
        return self._held

    def forget(self) -> None:
        """Forget the token, because a server refused it before its end."""
        self._refused = self._held.token if self._held else ""
        self._held = None

    def _ask(self) -> HeldToken:
        section = self._section
        form = refresh_form(
            section.client_id, section.client_secret.get_secret_value(), section.refresh_token.get_secret_value()
        )
        url = f"{accounts_server(section)}/oauth/v2/token"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = read_json(self._http.post(url, urlencode(form).encode(), kind))
        if "access_token" not in answer:  # also with HTTP 200
            error = str(answer.get("error", "no token"))[:60]
            if error.casefold() == "access denied":
                raise BusyError("ten access tokens in ten minutes", WAIT)
            raise UnauthorisedError(f"{error}: {REMEDIES[error]}" if error in REMEDIES else error)
        lifetime = lifetime_seconds(answer)
        held = HeldToken(
            str(answer["access_token"]),
            str(answer.get("api_domain") or ""),
            self._clock() + lifetime - min(EARLY_SECONDS, lifetime / 2),
            self._account(),
        )
        self._share(held)
        return held

    def _account(self) -> str:
        return hashlib.sha256(self._section.refresh_token.get_secret_value().encode()).hexdigest()[:16]

    def _shared(self) -> HeldToken | None:
        """Return the token that another process left; None where there is none of this account."""
        if self._file is None:
            return None
        try:
            held = HeldToken(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return held if held.account == self._account() else None

    def _share(self, held: HeldToken) -> None:
        if self._file is None:
            return
        part = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        try:
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(asdict(held), file)
            part.replace(self._file)
        except OSError as error:
            raise ConfigurationError(
                f'token_file = "{self._file}" in [crm.zoho] cannot be written: {error.strerror}',
                do="create its folder with write access for leadworth, or leave the setting out",
            ) from None


def accounts_server(section: ZohoSection) -> str:
    """Return the address of the accounts server.

    Examples
    --------
    >>> accounts_server(ZohoSection(data_centre="com.au")), accounts_server(ZohoSection(data_centre="ca"))
    ('https://accounts.zoho.com.au', 'https://accounts.zohocloud.ca')
    """
    own = ACCOUNTS_OF.get(section.data_centre, ACCOUNTS + section.data_centre)
    return (section.endpoint or own).rstrip("/")


def lifetime_seconds(answer: Mapping[str, Any]) -> float:
    """Return the lifetime of a token; some servers write milliseconds into `expires_in`, and add `expires_in_sec`.

    Examples
    --------
    >>> lifetime_seconds({"expires_in": 3600}), lifetime_seconds({"expires_in": 3600000})
    (3600.0, 3600.0)
    >>> lifetime_seconds({"expires_in": 3600000, "expires_in_sec": 1800})
    1800.0
    """
    written = float(answer.get("expires_in_sec") or answer.get("expires_in") or 3600)
    return written / 1000 if written > LONGEST_SECONDS else written
