"""A name for each request, given by the caller or by us, and returned with the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadworth.ids import new_id

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
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
        given = next((value for name, value in scope["headers"] if name == HEADER), b"")
        found = given if _ACCEPTED.fullmatch(given) else new_id().encode()
        scope["leadworth.request_id"] = found.decode()

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((HEADER, found))
            await send(message)

        await self.app(scope, receive, naming)


def request_id_of(scope: Scope) -> str:
    """Return the id of a request, or nothing outside of one."""
    return str(scope.get("leadworth.request_id", ""))
