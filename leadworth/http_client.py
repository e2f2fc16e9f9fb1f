"""HTTP client for other systems (ad platforms, CRMs); it raises the error for statuses that mean the same everywhere.

Bodies, headers and addresses are never logged: they hold tokens and personal data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext
from types import MappingProxyType
from typing import Any

import httpx2

from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError


class HttpClient:
    """HTTP client with a connection pool.

    Parameters
    ----------
    timeout_seconds
        Longest wait for an answer.
    """

    def __init__(self, timeout_seconds: float) -> None:
        timeout = httpx2.Timeout(timeout_seconds, connect=min(5.0, timeout_seconds))
        self._client = httpx2.Client(verify=_certificates(), timeout=timeout)

    def post(self, url: str, content: bytes, headers: Mapping[str, str], own: Collection[int] = ()) -> httpx2.Response:
        """Post a body and return the answer; see `request`."""
        return self.request("POST", url, content=content, headers=headers, own=own)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
        own: Collection[int] = (),
    ) -> httpx2.Response:
        """Send a request and return the answer.

        Parameters
        ----------
        method
            HTTP method.
        url
            Address.
        params
            Query parameters, which are added to the address.
        content
            Body.
        headers
            Headers.
        own
            Statuses that raise nothing: the caller interprets them.

        Raises
        ------
        BusyError
            Nothing was accepted: no connection, 429, 503.
        UnauthorisedError
            401 and 403.
        UnansweredError
            It may have arrived: no answer in time, a broken connection, any other 5xx.
        """
        try:
            answer = self._client.request(method, url, params=params, content=content, headers=dict(headers))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise BusyError(type(error).__name__) from None
        except httpx2.LocalProtocolError:  # a header that cannot be written: the token is empty or broken
            raise UnauthorisedError("unusable token") from None
        except httpx2.TransportError as error:
            raise UnansweredError(type(error).__name__) from None
        status = answer.status_code
        if status in own:
            return answer
        if status in (401, 403):
            raise UnauthorisedError(f"HTTP {status}")
        if status in (429, 503):
            raise BusyError(f"HTTP {status}", retry_after(answer.headers.get("retry-after"), datetime.now(UTC)))
        if status >= 500 or status == 408:
            raise UnansweredError(f"HTTP {status}")
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


@cache
def _certificates() -> SSLContext:
    """Read the authorities' certificates once per process; it takes 15 ms."""
    return httpx2.create_ssl_context()


def read_json(answer: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; any other content counts as no answer.

    Raises
    ------
    UnansweredError
        Where it is not a JSON object.
    """
    try:
        content = answer.json()
    except ValueError:
        raise UnansweredError("not JSON") from None
    if not isinstance(content, dict):
        raise UnansweredError("not a JSON object")
    return content


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Return the time to wait of a Retry-After header, which holds seconds or a date; None where it is not valid.

    Examples
    --------
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> retry_after("120", now), retry_after("Thu, 01 Jan 2026 00:00:30 GMT", now), retry_after("soon", now)
    (datetime.timedelta(seconds=120), datetime.timedelta(seconds=30), None)
    """
    if header is None:
        return None
    try:
        return timedelta(seconds=max(float(header), 0.0))
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(header) - now, timedelta(0))
    except (ValueError, TypeError):
        return None
