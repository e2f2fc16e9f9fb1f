"""Requests to the interface of a source: credentials, and repetitions with the wait that the source names."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leadworth.http_client import HttpClient
from leadworth.http_errors import UnansweredError, UnauthorisedError
from leadworth.http_retry import attempts
from reporting.pulls.pull_errors import PullRefusedError

if TYPE_CHECKING:
    import httpx2

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
WAIT_SECONDS = 1.0
"""Wait before the second attempt where the source names none."""


def refuse(answer: httpx2.Response) -> None:
    """Raise for a status of refusal. Messages of sources repeat tokens, so only the status is shown."""
    if answer.status_code >= 400:
        raise PullRefusedError(f"HTTP {answer.status_code}")


class PullHttp:
    """Requests to one source. All of them read, so each may be repeated.

    Parameters
    ----------
    http
        HTTP client.
    base
        Address that paths are added to.
    headers
        Returns the headers with the credentials, for each attempt.
    renew
        Called once after a refusal of the credentials; the request is repeated with new ones. None: it is final.
    check
        Raises the error for an answer that the source refused; it sees every answer.
    own
        Statuses that `check` interprets, besides those of refusal that mean the same everywhere.
    """

    def __init__(
        self,
        http: HttpClient,
        base: str,
        headers: Callable[[], Mapping[str, str]],
        *,
        renew: Callable[[], None] | None = None,
        check: Callable[[httpx2.Response], None] = refuse,
        own: Collection[int] = (),
    ) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._headers = headers
        self._renew = renew
        self._check = check
        self._own = frozenset(own)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | Callable[[], bytes] = b"",
        headers: Mapping[str, str] = NO_HEADERS,
        own: Collection[int] = (),
    ) -> httpx2.Response:
        """Send a request, repeat it while that may help, and return the answer.

        Parameters
        ----------
        path
            Path below the base, or a full address that the source named.
        content
            Body, or a function that makes it for each attempt, where it holds a token.
        own
            Statuses that the caller interprets.

        Raises
        ------
        PullRefusedError, UnauthorisedError
            If the source refused it.
        BusyError, UnansweredError
            If all attempts failed.
        """
        url = path if path.startswith(("http://", "https://")) else f"{self._base}/{path.lstrip('/')}"
        renewed = self._renew is None
        for attempt in attempts(WAIT_SECONDS):
            with attempt:
                try:
                    answer = self._send(method, url, params, content, headers, own)
                except UnauthorisedError:
                    if renewed or self._renew is None:
                        raise
                    renewed = True
                    self._renew()
                    answer = self._send(method, url, params, content, headers, own)
        return answer

    def json(self, method: str, path: str, *, body: Any = None, **options: Any) -> dict[str, Any]:
        """Send a request and return the JSON object of the answer.

        Options are those of `request`.

        Raises
        ------
        UnansweredError
            If the answer is not a JSON object.
        """
        if body is not None:
            options["content"] = json.dumps(body).encode()
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        answer = self.request(method, path, **options)
        try:
            content = answer.json()
        except ValueError:
            raise UnansweredError("not JSON") from None
        if not isinstance(content, dict):
            raise UnansweredError("not a JSON object")
        return content

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        content: bytes | Callable[[], bytes],
        headers: Mapping[str, str],
        own: Collection[int],
    ) -> httpx2.Response:
        complete = {**self._headers(), **headers}
        body = content if isinstance(content, bytes) else content()
        answer = self._http.request(method, url, params=params, content=body, headers=complete, own={*self._own, *own})
        if answer.status_code not in own:
            self._check(answer)
        return answer
