"""Credentials of Google, and the waits that its errors name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any


def sign_in(credentials: Path | None, scope: str) -> Any:
    """Return Google credentials: those of a key file, or the machine's own.

    Raises
    ------
    ConfigurationError
        Where there are none.
    """
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    from leadworth.errors import ConfigurationError

    try:
        if credentials:
            return google.auth.load_credentials_from_file(str(credentials), scopes=[scope])[0]  # type: ignore[no-untyped-call]
        return google.auth.default(scopes=[scope])[0]
    except (GoogleAuthError, OSError) as error:
        raise ConfigurationError(
            f"Google's credentials cannot be read ({type(error).__name__})",
            do="set `credentials` of the platform to the key file of a service account with access to the account",
        ) from None


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
