"""Request id: read from `X-Request-ID` or made, returned with the response."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadworth.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
_SCOPE_KEY = "leadworth.request_id"
_ACCEPTED = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class RequestId:
    """ASGI middleware that reads or makes the `X-Request-ID`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = id_of_headers(scope["headers"])
        scope[_SCOPE_KEY] = request_id.decode()

        async def add_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((HEADER, request_id))
            await send(message)

        await self.app(scope, receive, add_header)


def id_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the id in the headers of a request, or a new one.

    Examples
    --------
    >>> id_of_headers([(b"x-request-id", b"order-7")])
    b'order-7'
    """
    received = next((value for name, value in headers if name == HEADER), b"")
    return received if _ACCEPTED.fullmatch(received) else new_id().encode()


def request_id_of(scope: Scope) -> str:
    """Return the id of a request; empty without the middleware."""
    return str(scope.get(_SCOPE_KEY, ""))
