"""Responses of the report: headers that keep it private, and 304 where nothing has changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from reporting.page.html_page import style_hash
from serving.problems import MEDIA_TYPE, ProblemDocument, documented

if TYPE_CHECKING:
    from typing import Any

PRIVATE = {
    "Cache-Control": "private, max-age=60",
    "Vary": "Accept-Language, Authorization, Cookie, X-API-Key",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PROBLEM = {"schema": ProblemDocument.model_json_schema()}


def html_headers() -> dict[str, str]:
    """Return the headers of a page: private, no script, nothing from elsewhere."""
    policy = (
        f"default-src 'none'; style-src '{style_hash()}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {**PRIVATE, "Content-Security-Policy": policy}


def etag_of(*parts: object) -> str:
    """Return the tag of a content that depends on these parts only.

    Examples
    --------
    >>> etag_of("r1", "/report") == etag_of("r1", "/report"), etag_of("r1", "/report") == etag_of("r2", "/report")
    (True, False)
    """
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> Response | None:
    """Return the response 304 where the caller has the content already; None otherwise."""
    given = request.headers.get("if-none-match", "")
    tags = {one.strip().removeprefix("W/") for one in given.split(",")}
    return Response(status_code=304, headers={**PRIVATE, "ETag": tag}) if tag in tags or given.strip() == "*" else None


def page_response(html: str, tag: str | None = None, status: int = 200) -> HTMLResponse:
    """Return a page."""
    headers = html_headers() if tag is None else {**html_headers(), "ETag": tag}
    return HTMLResponse(html, status, headers)


def report_problems(*statuses: int, keyed: bool = True) -> dict[int | str, dict[str, Any]]:
    """Return the problems of an operation of the report for /openapi.json, with 303 and 304."""
    problems = documented(*statuses, keyed=keyed)
    filters = {
        "description": "A filter of the address cannot be used, or the request is not valid HTTP",
        "content": {MEDIA_TYPE: _PROBLEM, "text/plain": {"schema": {"type": "string"}}},
    }
    return {
        **problems,
        400: filters,
        303: {"description": "The shortest form of the address, or the page for signing in"},
        304: {"description": "The caller has this content already"},
    }
