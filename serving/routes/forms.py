"""What pages with a form need: its token, the collector, and a place to send the form to where there is no server.

All of it is public and tells a visitor nothing: everyone gets the same answer, whatever became of the lead.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic_core import to_json

from leadworth.records import FormFields, limit_of
from serving.forms.form_body import read_form
from serving.problems import Problem
from serving.request_id import request_id_of
from serving.routes.described import PROBLEMS
from serving.routes.scores import decide_lead
from serving.service import Service, service_of

router = APIRouter(prefix="/v1", tags=["forms"])

RECEIVED = {"received": True}
NEXT = "lw_next"
_HOUR, _DAY = 3_600, 86_400
_LONGEST_FORM = limit_of("form_id")


@router.get("/forms/{form}/token", responses=PROBLEMS, summary="Sign the moment at which a form is shown")
async def issue_token(form: str, request: Request) -> Response:
    """Return a token for one submit of the form; nothing is stored."""
    service = service_of(request)
    _usable(form)
    token = service.evidence.signer.issue(form, time.time())
    return _answer(service, request, to_json({"token": token}), {"Cache-Control": "no-store"})


@router.get("/collector.js", summary="The collector, a script of 3 kB")
async def read_collector(request: Request) -> Response:
    """Return the collector; browsers keep it for an hour."""
    content, packed, tag = _collector()
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": f"public, max-age={_HOUR}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": f'W/"{tag}"',
        "Vary": "Accept-Encoding",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers = packed, headers | {"Content-Encoding": "gzip"}
    return Response(content, headers=headers, media_type="text/javascript; charset=utf-8")


@router.options("/forms/{form}/leads", include_in_schema=False)
async def allow_lead(form: str, request: Request) -> Response:
    """Answer a browser that asks whether a page of another origin may send JSON."""
    del form
    allowed = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": str(_DAY),
    }
    return Response(status_code=204, headers=_cors(service_of(request), request) | allowed)


@router.post("/forms/{form}/leads", status_code=202, responses=PROBLEMS, summary="Take a lead from a page")
async def take_lead(form: str, request: Request) -> Response:
    """Take what a form sends, decide and store; the answer is the same for everyone.

    A field `lw_next` names the page to go on to: a path of this service, or a page at an origin of
    `[forms] origins` that is named there.
    """
    service = service_of(request)
    _usable(form)
    content = read_form(await request.body(), request.headers.get("content-type"))
    onward = _onward(service, content.pop(NEXT, None))
    _, entry = await decide_lead(service, _with_request(service, form, content, request), request_id_of(request.scope))
    await service.store.keep(entry)
    if onward:
        return RedirectResponse(onward, 303, {"Cache-Control": "no-store"})
    return _answer(service, request, to_json(RECEIVED), {"Cache-Control": "no-store"}, status=202)


@router.get("/forms/{form}/demo", include_in_schema=False)
async def show_landing_page(form: str, request: Request) -> Response:
    """Return a landing page to try the collector on, where the settings ask for one."""
    settings = service_of(request).settings.forms
    if not settings.demo:
        raise Problem(404, "no-demo", "the landing page is off; what to do: set demo = true in [forms]")
    page = files("serving").joinpath("static/landing.html").read_text(encoding="utf-8")
    filled = Template(page).substitute(form=escape(form, quote=True), honeypot=escape(settings.honeypot, quote=True))
    return Response(filled, headers={"Cache-Control": "no-store"}, media_type="text/html")


@cache
def _collector() -> tuple[bytes, bytes, str]:
    """Return the script, the same compressed, and its digest."""
    content = files("serving").joinpath("static/collector.min.js").read_bytes()
    return content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16]


def _usable(form: str) -> None:
    if len(form) > _LONGEST_FORM:
        raise Problem(422, "form-id-too-long", f"the form's id has {len(form)} characters; allowed: {_LONGEST_FORM}")


def _with_request(service: Service, form: str, content: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Return the fields that a visitor may set, with those of the request: address, browser, headers, honeypot."""
    settings = service.settings.forms
    lead = {
        name: value for name, value in content.items() if name in FormFields.model_fields or name in settings.fields
    }
    lead.pop(settings.honeypot, None)
    trap = content.get(settings.honeypot)
    headers = request.headers
    return {
        **lead,
        "form_id": form,
        "entry": "form",
        "honeypot_filled": None if trap is None else bool(str(trap).strip()),
        "ip": request.client.host if request.client else None,
        "user_agent": headers.get("user-agent"),
        "accept_language": headers.get("accept-language"),
        "headers": ",".join(name.decode("latin-1") for name, _ in request.scope["headers"]),
    }


def _onward(service: Service, address: object) -> str | None:
    """Return where to go on to; only to our own paths and to pages of origins that the settings name."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and address.startswith("/")
    return address if ours or f"{parts.scheme}://{parts.netloc}" in service.settings.forms.origins else None


def _cors(service: Service, request: Request) -> dict[str, str]:
    origins, origin = service.settings.forms.origins, request.headers.get("origin")
    if "*" in origins:
        return {"Access-Control-Allow-Origin": "*"}
    allowed = {"Access-Control-Allow-Origin": origin} if origin in origins and origin else {}
    return {**allowed, "Vary": "Origin"}


def _answer(
    service: Service, request: Request, body: bytes, headers: dict[str, str],
    media_type: str = "application/json", status: int = 200,
) -> Response:  # fmt: skip
    return Response(body, status, headers | _cors(service, request), media_type)
