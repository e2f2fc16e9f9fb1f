"""Errors as problem+json (RFC 9457); no problem repeats a value of a request."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from pydantic_core import ErrorDetails, to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from leadworth.errors import LeadworthError, RegistryError, StoreError
from serving.request_id import request_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
_FIELD_NAME = re.compile(r"[A-Za-z_][\w-]{0,40}", re.ASCII)


class ProblemDocument(BaseModel):
    """Body of an error (RFC 9457)."""

    type: str = Field(examples=["urn:leadworth:problem:unauthorized"])
    title: str
    status: int
    detail: str = Field(description="What was given, what is allowed, what to do")
    request_id: str


class Problem(HTTPException):
    """Error that is answered as problem+json.

    Parameters
    ----------
    status
        HTTP status.
    code
        Stable name of the problem, the last part of its `type`.
    detail
        What was given, what is allowed, what to do.
    headers
        Further headers of the response.

    Examples
    --------
    >>> Problem(404, "unknown-lead", "no score is stored for this lead").document("r1")["type"]
    'urn:leadworth:problem:unknown-lead'
    """

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.code = code

    @classmethod
    def of_validation(cls, errors: Sequence[ErrorDetails], *root: str) -> Problem:
        """Return the problem (422) for the errors of pydantic: places below `root` and messages, never the values.

        Errors of our own validators have a type with a hyphen, which names the problem.
        """
        codes = [error["type"] for error in errors if "-" in error["type"]]
        detail = "; ".join(f"{_place((*root, *error['loc']))}: {error['msg']}" for error in errors)
        return cls(422, codes[0] if codes else "invalid-request", detail)

    def document(self, request_id: str) -> dict[str, str | int]:
        """Return the body of the response, the fields of a `ProblemDocument`."""
        return {
            "type": f"urn:leadworth:problem:{self.code}",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
            "request_id": request_id,
        }

    def response(self, scope: Scope) -> Response:
        """Return the response."""
        body = to_json(self.document(request_id_of(scope)))
        return Response(body, self.status_code, headers=dict(self.headers or {}), media_type=MEDIA_TYPE)


def field_name(name: str) -> str:
    """Return a name that a caller made up, if it looks like one of a field; else `?`."""
    return name if _FIELD_NAME.fullmatch(name) else "?"


def _place(path: Sequence[str | int]) -> str:
    """Return the path of a value."""
    parts = [str(part) for part in path]
    return ".".join(part if part.isdigit() else field_name(part) for part in parts) or "body"


_INCOMPLETE = Problem(400, "incomplete-request", "the connection ended before the request was complete")
INTERNAL = Problem(500, "internal", "the service failed; what to do: look up the request id in its log")

_DETAILS = {
    404: ("not-found", "there is nothing at this address; what to do: see /docs"),
    405: ("method-not-allowed", "this address does not support the method; what to do: see /docs"),
}

_TITLES = {
    401: "No valid API key",
    403: "The API key lacks the scope",
    404: "Nothing is stored, or there is nothing at this address",
    413: "The body is too long",
    415: "The content type or the compression of the body is not supported",
    422: "The body, a parameter or a header cannot be used",
    429: "More requests than allowed in a minute",
    500: "The service failed",
    503: "No model is loaded, the store is away, or too many requests are being answered",
}
_CONTENT = {MEDIA_TYPE: {"schema": ProblemDocument.model_json_schema()}}

_NOT_HTTP = {"description": "The request is not valid HTTP", "content": {"text/plain": {"schema": {"type": "string"}}}}
"""Answered by uvicorn before the application sees the request."""


def documented(*statuses: int, keyed: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return the problems of an operation for /openapi.json.

    Parameters
    ----------
    statuses
        Those besides 400, 500 and 503, which every operation has.
    keyed
        Whether the operation needs an API key: then also 401, 403 and 429.

    Examples
    --------
    >>> list(documented(404, keyed=False))
    [400, 404, 500, 503]
    """
    wanted = {*statuses, 500, 503, *((401, 403, 429) if keyed else ())}
    problems = {status: {"description": _TITLES[status], "content": _CONTENT} for status in sorted(wanted)}
    return {400: _NOT_HTTP, **problems}


def install(app: FastAPI) -> None:
    """Answer every error of an app with problem+json."""
    for kind in (HTTPException, RequestValidationError, LeadworthError):
        app.add_exception_handler(kind, response_to)


async def response_to(request: Request, error: Exception) -> Response:
    """Return the response to an error of a request."""
    scope = request.scope
    if isinstance(error, Problem):
        return error.response(scope)
    if isinstance(error, RequestValidationError):
        return Problem.of_validation(error.errors()).response(scope)
    if isinstance(error, HTTPException):
        fallback = (f"http-{error.status_code}", HTTPStatus(error.status_code).phrase)
        code, detail = _DETAILS.get(error.status_code, fallback)
        return Problem(error.status_code, code, detail, error.headers).response(scope)
    if isinstance(error, (StoreError, RegistryError)):
        return Problem(503, "unavailable", str(error), {"Retry-After": "5"}).response(scope)
    log_failure(scope, error)
    return INTERNAL.response(scope)


def log_failure(scope: Scope, error: BaseException) -> None:
    """Log where an error was raised, without its message, which may repeat personal data."""
    trace = error.__traceback__
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    log.error("request failed", request_id=request_id_of(scope), error=type(error).__name__, places=places[-5:])


class UnhandledErrors:
    """ASGI middleware that answers unhandled exceptions with a problem of status 500, a lost connection with 400."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except ClientDisconnect:  # no failure of the service, and not counted as one
            if not started:
                await _INCOMPLETE.response(scope)(scope, receive, send)
        except Exception as error:
            log_failure(scope, error)
            if not started:
                await INTERNAL.response(scope)(scope, receive, send)
