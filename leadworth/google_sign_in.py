"""Credentials of Google, and what its errors say: whether a token was refused, and how long to wait."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from leadworth.errors import ConfigurationError
from leadworth.http_errors import BusyError, UnauthorisedError

_NO_TOKEN = "Getting metadata from plugin failed"
"""How gRPC says that a call was not made, because the credentials gave no access token."""
_REFUSED = re.compile(r"\b(?:invalid|unauthorized|access|deleted|disabled)_[a-z]+")
"""Codes of OAuth for credentials that were refused (RFC 6749, section 5.2, and Google's own)."""


def sign_in(credentials: Path | None, scope: str) -> Any:
    """Return Google credentials: those of a key file, or the machine's own.

    Parameters
    ----------
    credentials
        Key file of a service account, or of a user who signed in; None: the machine's own.
    scope
        OAuth scope.

    Raises
    ------
    ConfigurationError
        Where there are none.
    """
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        if credentials is None:
            return google.auth.default(scopes=[scope])[0]
        return _from_file(credentials, scope)
    except (GoogleAuthError, OSError, ValueError) as error:
        raise ConfigurationError(
            f"Google's credentials cannot be read ({type(error).__name__})",
            do="set `credentials` of the platform to the key file of a service account with access to the account",
        ) from None


def _from_file(file: Path, scope: str) -> Any:
    """Return the credentials of a key file. Only two kinds are read: others may run programs or call any address."""
    from google.oauth2 import credentials, service_account

    content = json.loads(file.read_text(encoding="utf-8"))
    if content.get("type") == "service_account":
        return service_account.Credentials.from_service_account_info(content, scopes=[scope])  # type: ignore[no-untyped-call]
    if content.get("type") == "authorized_user":
        return credentials.Credentials.from_authorized_user_info(content, scopes=[scope])  # type: ignore[no-untyped-call]
    raise ValueError("neither service_account nor authorized_user")


def token_error(error: Any) -> BusyError | UnauthorisedError | None:
    """Return the error of a call that was not made, because Google gave no access token; None for other calls.

    gRPC calls both UNAVAILABLE, as if the platform had been asked and was away.

    Examples
    --------
    >>> token_error("503 Getting metadata from plugin failed with error: ('invalid_grant: Token has been revoked.',)")
    UnauthorisedError('the other system refused the credentials: invalid_grant; what to do: see `leadworth doctor`')
    >>> token_error("503 failed to connect to all addresses")
    """
    text = str(error)
    if _NO_TOKEN not in text:
        return None
    refused = _REFUSED.search(text)
    return BusyError("no-access-token") if refused is None else UnauthorisedError(refused[0])


def wait_of(error: Any) -> timedelta | None:
    """Return the time to wait that an error of Google names, or None."""
    from google.rpc.error_details_pb2 import RetryInfo

    for detail in error.details or ():
        if isinstance(detail, RetryInfo):
            return timedelta(seconds=detail.retry_delay.seconds, microseconds=detail.retry_delay.nanos // 1000)
        if isinstance(detail, dict) and (delay := str(detail.get("retryDelay", ""))).endswith("s"):
            return timedelta(seconds=float(delay[:-1]))
    header = getattr(getattr(error, "response", None), "headers", {}).get("Retry-After")
    return timedelta(seconds=float(header)) if header and header.isdigit() else None
