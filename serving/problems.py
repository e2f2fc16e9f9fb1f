"""Errors as problem+json (RFC 9457); none of them repeats what a lead said."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadworth.errors import LeadworthError, RegistryError, StoreError
from serving.request_id import request_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Problem(HTTPException):
    """An answer other than the one asked for.

    Parameters
    ----------
    status
        HTTP status.
    code
        Stable name of the problem, the last part of its `type`.
    detail
        What was given, what is allowed, what to do.
    headers
        Further headers of the answer.

    Examples
    --------
    >>> Problem(404, "unknown-lead", "no score is stored for this lead").document("r1")["type"]
    'urn:leadworth:problem:unknown-lead'
    """

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.code = code

    def document(self, request_id: str) -> dict[str, str | int]:
        """Return the body of the answer."""
        return {
            "type": f"urn:leadworth:problem:{self.code}",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
            "request_id": request_id,
        }

    def response(self, scope: Scope) -> Response:
        """Return the answer."""
        body = to_json(self.document(request_id_of(scope)))
        return Response(body, self.status_code, headers=dict(self.headers or {}), media_type=MEDIA_TYPE)


INTERNAL = Problem(500, "internal", "the service failed; what to do: look up the request id in its log")

_DETAILS = {
    404: ("not-found", "there is nothing at this address; what to do: see /docs"),
    405: ("method-not-allowed", "this address does not know the method; what to do: see /docs"),
}


def install(app: FastAPI) -> None:
    """Let every error of an app leave as problem+json."""
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(LeadworthError, of_ours)


async def of_http(request: Request, error: Exception) -> Response:
    """Return the answer to an `HTTPException`."""
    if isinstance(error, Problem):
        return error.response(request.scope)
    assert isinstance(error, HTTPException)
    fallback = (f"http-{error.status_code}", HTTPStatus(error.status_code).phrase)
    code, detail = _DETAILS.get(error.status_code, fallback)
    return Problem(error.status_code, code, detail, error.headers).response(request.scope)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    where = "; ".join(f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors())
    return Problem(422, "invalid-request", where).response(request.scope)


async def of_ours(request: Request, error: Exception) -> Response:
    """Return the answer to a `LeadworthError`."""
    if isinstance(error, (StoreError, RegistryError)):
        return Problem(503, "unavailable", str(error), {"Retry-After": "5"}).response(request.scope)
    log_failure(request.scope, error)
    return INTERNAL.response(request.scope)


def log_failure(scope: Scope, error: BaseException) -> None:
    """Log where an error arose, but not its message, which may repeat what a lead said."""
    trace, places = error.__traceback__, []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    log.error("request failed", request_id=request_id_of(scope), error=type(error).__name__, places=places[-5:])


class Guard:
    """ASGI middleware that turns whatever nobody caught into a problem of status 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # the last line of defence
            log_failure(scope, error)
            if not started:
                await INTERNAL.response(scope)(scope, receive, send)
