"""The short way to the one route that every form waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request

from leadworth.errors import LeadworthError
from serving import problems

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    Endpoint = Callable[[Request], Awaitable[Response]]


class FastPath:
    """ASGI middleware that hands the requests for one route to its endpoint, past the router.

    The router's search, its stacks and dependencies cost as much as the features of a lead. Everything
    else, and the route itself behind a root path, goes the usual way.

    Parameters
    ----------
    app
        What comes next.
    method, path, endpoint
        The route, as the application knows it too.
    """

    def __init__(self, app: ASGIApp, method: str, path: str, endpoint: Endpoint) -> None:
        self.app, self.method, self.path, self.endpoint = app, method, path, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != self.method:
            await self.app(scope, receive, send)
            return
        scope["route"] = self  # its path names the request in the figures
        request = Request(scope, receive)
        try:
            response = await self.endpoint(request)
        except HTTPException as error:
            response = await problems.of_http(request, error)
        except LeadworthError as error:
            response = await problems.of_ours(request, error)
        await response(scope, receive, send)
