"""Limit on the size of request bodies, which are taken uncompressed only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


_COMPRESSED = Problem(
    415,
    "compressed-body",
    "the body is declared as compressed; allowed: no Content-Encoding; what to do: send the body as it is",
    {"Accept-Encoding": "identity"},
)
_PLAIN = frozenset({b"", b"identity"})


class BodyLimit:
    """ASGI middleware that refuses long bodies with a problem (413), by their declared and their actual length.

    Compressed bodies, whose fields would be missing, are refused too (415). Starlette's own middleware answers some of
    these requests in plain text.

    Parameters
    ----------
    app
        Next application.
    limit
        Longest body, in bytes.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        headers = scope["headers"]
        if any(name == b"content-encoding" and value.strip().lower() not in _PLAIN for name, value in headers):
            await _COMPRESSED.response(scope)(scope, receive, send)
            return
        declared = next((value.strip() for name, value in headers if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared[:20]) > self.limit:
            await self._problem().response(scope)(scope, receive, send)
            return
        received = 0

        async def count_bytes() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise self._problem()
            return message

        await self.app(scope, count_bytes, send)

    def _problem(self) -> Problem:
        return Problem(
            413,
            "body-too-long",
            f"the body is too long; allowed: {self.limit} bytes; what to do: send fewer leads at a time, "
            "or raise [serving] body_limit_bytes",
        )
