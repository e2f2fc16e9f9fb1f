"""Refusal of requests beyond the limit on those that are answered at the same time.

The refusal is written by the HTTP protocol, before a request becomes a task: it costs a fifth of a response of the
application, so thousands of busy connections leave time for those that are answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic_core import to_json

from serving.problems import MEDIA_TYPE, Problem
from serving.request_id import HEADER, id_of_headers
from serving.service_metrics import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterable

ALWAYS_ANSWERED = frozenset({b"/livez", b"/readyz", b"/healthz", b"/metrics"})
"""Paths that orchestrators and monitoring request."""

RETRY_SECONDS = 1
"""Wait that a refusal names."""


@dataclass(frozen=True)
class OverloadRefusal:
    """Response (503, `Retry-After`) to a request while too many others are being answered.

    Parameters
    ----------
    limit
        Requests of one process at the same time.

    Examples
    --------
    >>> OverloadRefusal(64).is_due(64, b"/v1/scores"), OverloadRefusal(64).is_due(64, b"/livez")
    (True, False)
    """

    limit: int

    def is_due(self, running: int, url: bytes) -> bool:
        """Return whether to refuse a request while others are running."""
        return running >= self.limit and url.partition(b"?")[0] not in ALWAYS_ANSWERED

    def response(
        self, received: Iterable[tuple[bytes, bytes]], added: Iterable[tuple[bytes, bytes]]
    ) -> tuple[bytes, bytes]:
        """Return head and body of the response, and count it.

        Parameters
        ----------
        received
            Headers of the request.
        added
            Headers of every response.
        """
        REQUESTS.labels("none", "any", "503").observe(0.0)
        request_id = id_of_headers(received)
        body = to_json(self._problem.document(request_id.decode()))
        headers = [*self._headers, *added, (HEADER, request_id), (b"content-length", b"%d" % len(body))]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"HTTP/1.1 503 Service Unavailable\r\n%b\r\n" % lines, body

    @cached_property
    def _problem(self) -> Problem:
        return Problem(
            503,
            "overloaded",
            f"{self.limit} requests are being answered; what to do: try again later, or start more workers",
            {"retry-after": str(RETRY_SECONDS), "content-type": MEDIA_TYPE},
        )

    @cached_property
    def _headers(self) -> list[tuple[bytes, bytes]]:
        return [(name.encode(), value.encode()) for name, value in (self._problem.headers or {}).items()]
