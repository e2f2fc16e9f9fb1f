"""Public routes for pages with a form: token, collector, and submission without a server of one's own.

Every visitor gets the same response, independent of the verdict.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from leadworth.form_settings import FormSettings
from leadworth.records import FormFields, Lead, limit_of
from serving.dependencies import CurrentSettings, Scoring
from serving.forms.form_body import FORM_TYPES, read_form
from serving.idempotency import keep_durably
from serving.problems import Problem, documented
from serving.request_id import request_id_of

router = APIRouter(prefix="/v1", tags=["forms"])

NEXT_PAGE_FIELD = "lw_next"
NO_STORE = {"Cache-Control": "no-store"}
_HOUR = 3_600
_OTHER_HOST = re.compile(r"[\s\x00-\x1f]*[/\\][\s\x00-\x1f]*[/\\]")
"""Begin of an address that browsers take for another host; they drop control characters and read a backslash as /."""
_DAY = 86_400

FormId = Annotated[str, Path(max_length=limit_of("form_id"))]


_TEXT = {"type": "string"}
_FORM_SCHEMA = {
    "type": "object",
    "properties": {
        **FormFields.model_json_schema()["properties"],
        NEXT_PAGE_FIELD: {**_TEXT, "description": "Page to go to next"},
    },
    "additionalProperties": True,
}


class ScriptResponse(Response):
    """Response with a script."""

    media_type = "text/javascript"


class FormToken(BaseModel):
    """Signed token of a form."""

    token: str = Field(description="For one submission; nothing is stored")


class Receipt(BaseModel):
    """Response to a submission."""

    received: bool = True


@router.get(
    "/forms/{form}/token", responses=documented(404, 422, keyed=False), summary="Sign the time at which a form is shown"
)
async def issue_token(
    form: FormId, request: Request, response: Response, scoring: Scoring, settings: CurrentSettings
) -> FormToken:
    """Return a token for one submission of the form; nothing is stored."""
    response.headers.update(NO_STORE | _cors(settings.forms, request))
    return FormToken(token=scoring.enrichment.signer.issue(form))


@router.get(
    "/collector.js",
    response_class=ScriptResponse,
    responses=documented(keyed=False) | {304: {"description": "The browser has this version"}},
    summary="The collector, a script of 3.5 kB",
)
async def read_collector(request: Request) -> Response:
    """Return the collector; browsers keep it for an hour."""
    content, compressed, tag = _collector()
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
        content = compressed
        headers["Content-Encoding"] = "gzip"
    return ScriptResponse(content, headers=headers)


@router.options("/forms/{form}/leads", include_in_schema=False)
async def preflight(request: Request, settings: CurrentSettings) -> Response:
    """Answer the CORS preflight of a page that sends JSON."""
    headers = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": str(_DAY),
    }
    return Response(status_code=204, headers=headers | _cors(settings.forms, request))


@router.post(
    "/forms/{form}/leads",
    status_code=202,
    response_model=Receipt,
    responses=documented(404, 413, 415, 422, 429, keyed=False)
    | {303: {"description": "Received; go to the page of `lw_next`", "headers": {"Location": {"schema": _TEXT}}}},
    openapi_extra={"requestBody": {"content": {kind: {"schema": _FORM_SCHEMA} for kind in FORM_TYPES}}},
    summary="Submit a form",
)
async def submit_form(
    form: FormId,
    fields: Annotated[dict[str, Any], Depends(read_form)],
    request: Request,
    response: Response,
    scoring: Scoring,
    settings: CurrentSettings,
) -> Receipt | Response:
    """Take a submission (urlencoded, multipart or JSON), decide and store; every visitor gets the same response.

    A field `lw_next` names the page to redirect to: a path of this service, or a page at an origin of
    `[forms] origins`.
    """
    next_page = _allowed_page(settings.forms, fields.pop(NEXT_PAGE_FIELD, None))
    lead = Lead.model_validate(_lead_fields(settings.forms, form, fields, request))
    _, entry = await scoring.decide(lead, request_id_of(request.scope), resubmits=True)
    await keep_durably(scoring.store, entry)
    if next_page:
        return RedirectResponse(next_page, 303, NO_STORE)
    response.headers.update(NO_STORE | _cors(settings.forms, request))
    return Receipt()


@router.get("/forms/{form}/demo", include_in_schema=False)
async def show_landing_page(form: str, settings: CurrentSettings) -> Response:
    """Return a landing page to try the collector on, if the settings ask for one."""
    if not settings.forms.demo:
        raise Problem(404, "no-demo", "the landing page is off; what to do: set demo = true in [forms]")
    page = files("serving").joinpath("static/landing.html").read_text(encoding="utf-8")
    honeypot = escape(settings.forms.honeypot, quote=True)
    filled = Template(page).substitute(form=escape(form, quote=True), honeypot=honeypot)
    return Response(filled, headers=NO_STORE, media_type="text/html")


@cache
def _collector() -> tuple[bytes, bytes, str]:
    """Return the script, the same compressed, and its digest."""
    content = files("serving").joinpath("static/collector.min.js").read_bytes()
    return content, gzip.compress(content, 9, mtime=0), hashlib.sha256(content).hexdigest()[:16]


def _lead_fields(settings: FormSettings, form: str, fields: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Return the fields that a visitor may set, with those of the request: address, browser, headers, honeypot."""
    lead = {name: value for name, value in fields.items() if name in FormFields.model_fields or name in settings.fields}
    lead.pop(settings.honeypot, None)
    trap = fields.get(settings.honeypot)
    headers = request.headers
    return {
        **lead,
        "form_id": form,
        "entry": "form",
        "honeypot_filled": None if trap is None else bool(str(trap).strip()),
        "ip": _unmapped(request.client.host) if request.client else None,
        "user_agent": headers.get("user-agent"),
        "accept_language": headers.get("accept-language"),
        "headers": ",".join(name.decode("latin-1") for name, _ in request.scope["headers"]),
    }


def _unmapped(host: str) -> str:
    """Return the IPv4 address of a visitor of a service that listens on IPv6 and IPv4."""
    return host.removeprefix("::ffff:") if "." in host else host


def _allowed_page(settings: FormSettings, address: object) -> str | None:
    """Return the address to redirect to, if it is a path of this service or a page of an allowed origin."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    own_path = not parts.scheme and not parts.netloc and address.startswith("/") and not _OTHER_HOST.match(address)
    if own_path:
        return address
    return address if f"{parts.scheme}://{parts.netloc}" in settings.origins else None


def _cors(settings: FormSettings, request: Request) -> dict[str, str]:
    if "*" in settings.origins:
        return {"Access-Control-Allow-Origin": "*"}
    origin = request.headers.get("origin")
    allowed = {"Access-Control-Allow-Origin": origin} if origin and origin in settings.origins else {}
    return {**allowed, "Vary": "Origin"}
