"""Limit on the requests that are answered at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ALWAYS_ANSWERED = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})


class ConcurrencyLimit:
    """ASGI middleware that refuses requests (503, `Retry-After`) while too many others are being answered.

    Requests of orchestrators and monitoring are always answered.

    Parameters
    ----------
    app
        Next application.
    limit
        Requests of one process at the same time.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self._running = 0
        self._refusal = Problem(
            503,
            "overloaded",
            f"{limit} requests are being answered; what to do: try again later, or start more workers",
            {"Retry-After": "1"},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in ALWAYS_ANSWERED:
            await self.app(scope, receive, send)
            return
        if self._running >= self.limit:
            await self._refusal.response(scope)(scope, receive, send)
            return
        self._running += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._running -= 1
