"""Shortcut of `POST /v1/scores` past the router and the dependency solver (figures: docs/architecture.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from leadworth.errors import LeadworthError
from serving import problems
from serving.dependencies import RequireScoring
from serving.json_route import JsonRequest, require_json
from serving.problems import Problem
from serving.request_models import ScoreRequest
from serving.routes import scores

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_authorise = RequireScoring("score")


class FastPath:
    """ASGI middleware that calls the endpoint of `POST /v1/scores` itself.

    All other requests, and this one below a root path or with a query, are routed by FastAPI; both ways give the same
    responses.
    """

    path = scores.PATH
    """Of the route, for the metrics."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != "POST" or scope["query_string"]:
            await self.app(scope, receive, send)
            return
        scope["route"] = self
        request = JsonRequest(scope, receive)
        try:
            response = await _create_score(request)
        except (HTTPException, LeadworthError) as error:
            response = await problems.response_to(request, error)
        await response(scope, receive, send)


async def _create_score(request: JsonRequest) -> Response:
    call = await _authorise(request)
    require_json(request.headers.get("content-type"))
    content = await request.json()
    try:
        lead = ScoreRequest.model_validate(content)
    except ValidationError as error:
        raise Problem.of_validation(error.errors(), "body") from error
    return await scores.create_score(lead, request, call, request.headers.get("idempotency-key"))
