"""Routes for who may read the report: login of browsers, share links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from leadworth.errors import InputError
from reporting.facts.report_days import report_zone
from reporting.page.html_page import render_html
from reporting.page.languages import chosen_language
from reporting.views.figure_texts import PageReader
from reporting.views.report_page import build_page
from serving.dependencies import CurrentSettings, Store
from serving.forms.form_body import URLENCODED, read_form
from serving.json_route import JsonRoute
from serving.loopback import is_loopback
from serving.problems import Problem
from serving.rate_limit import client_network
from serving.report.login_page import login_page, safe_address
from serving.report.report_call import filters_of
from serving.report.report_login import COOKIE, COOKIE_SECONDS, ReportReader, RequireReader
from serving.report.report_responses import PRIVATE, page_response, report_problems
from serving.report.share_link_tokens import DEFAULT_DAYS, LONGEST_DAYS, new_link
from store import share_links
from store.audit_log import AuditActor, AuditEntry
from store.share_links import ShareLink

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from leadworth.settings import Settings
    from serving.api_keys import ApiKey, KeyRing
    from store.decision_store import DecisionStore

router = APIRouter(prefix="/report", tags=["report"])
json_router = APIRouter(prefix="/report", tags=["report"], route_class=JsonRoute, strict_content_type=False)

_LOGIN_SCHEMA = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "description": "API key with the scope `report`"},
        "next": {"type": "string", "description": "Page to go to next: an address below /report"},
    },
}

Reader = Annotated[ReportReader, Depends(RequireReader("report"))]


class NewShareLink(BaseModel):
    """What a share link shows, and for how long."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field("", max_length=2_000, description="Filters, in the form of the query string of /report")
    money: bool = Field(False, description="Whether it shows money; needs the scope money")
    days: int = Field(DEFAULT_DAYS, ge=1, le=LONGEST_DAYS, description="Days until it ends")


class ListedShareLink(BaseModel):
    """A share link, without its address, which is shown once."""

    link_id: str
    created_by: str
    query: str
    money: bool
    created_at: str
    expires_at: str
    revoked_at: str | None


class MadeShareLink(ListedShareLink):
    """A new share link."""

    path: str = Field(description="Path of its address; shown only now")


class ShareLinkList(BaseModel):
    """All share links that have not been deleted, newest first."""

    links: list[ListedShareLink]


@router.get(
    "/login", response_class=HTMLResponse, responses=report_problems(422, keyed=False), summary="Page for signing in"
)
async def read_login(
    request: Request, settings: CurrentSettings, following: Annotated[str, Query(alias="next", max_length=2_000)] = ""
) -> Response:
    """Return the page on which a browser signs in with an API key."""
    return page_response(_login_page(request, settings, following, failed=False))


@router.post(
    "/login",
    response_class=HTMLResponse,
    responses={
        **report_problems(413, 415, 422, 429, keyed=False),
        401: {"description": "The key is not valid", "content": {"text/html": {"schema": {"type": "string"}}}},
    },
    openapi_extra={"requestBody": {"content": {URLENCODED: {"schema": _LOGIN_SCHEMA}}}},
    summary="Sign in",
)
async def sign_in(
    request: Request, settings: CurrentSettings, store: Store, fields: Annotated[dict[str, Any], Depends(read_form)]
) -> Response:
    """Set a cookie of 12 hours that is bound to the key, and show the report."""
    key, following = (str(fields.get(name, ""))[:limit] for name, limit in (("key", 500), ("next", 2_000)))
    keys: KeyRing | None = request.app.state.keys
    address = client_network(request.scope)
    target = safe_address(following, _root(request))
    if keys is None:
        return RedirectResponse(target, 303, dict(PRIVATE))
    try:
        found: ApiKey = await keys.key_of(key.strip(), "report")
    except Problem as problem:
        if problem.status_code not in (401, 403):
            raise
        await _record(
            request, store, AuditActor("anyone", address), AuditEntry("report.login", "report", None, "refused")
        )
        return page_response(_login_page(request, settings, following, failed=True), status=401)
    await _record(request, store, AuditActor.of_key(found.key_id, address), AuditEntry("report.login", "report"))
    response = RedirectResponse(target, 303, dict(PRIVATE))
    cookie = request.app.state.report_sessions.cookie(found.key_id)
    response.set_cookie(COOKIE, cookie, COOKIE_SECONDS, **_cookie_options(request))
    return response


@router.post(
    "/logout",
    response_class=RedirectResponse,
    responses=report_problems(keyed=False),
    status_code=303,
    summary="Sign out",
)
async def sign_out(request: Request) -> Response:
    """Delete the cookie of the browser."""
    response = RedirectResponse(f"{_root(request)}/report/login", 303, dict(PRIVATE))
    response.delete_cookie(COOKIE, **_cookie_options(request))
    return response


@json_router.post(
    "/share-links", status_code=201, responses=report_problems(413, 415, 422), summary="Make a share link"
)
async def make_share_link(wanted: NewShareLink, request: Request, reader: Reader, store: Store) -> MadeShareLink:
    """Make a link that shows the page with fixed filters to people without a key."""
    if wanted.money:
        reader.require("money")
    query = filters_of(wanted.query.removeprefix("?")).query
    link = new_link(reader.caller, query, money=wanted.money, days=wanted.days, now=datetime.now(UTC))
    log = request.app.state.audit
    details = {"money": link.money, "days": wanted.days}

    def write(connection: Connection) -> None:
        share_links.add_link(connection, link)
        log.record(connection, reader.actor, AuditEntry("report.share", "report", link.link_id, details=details))

    await store.write(write)
    path = f"{_root(request)}/report/shared/{request.app.state.share_tokens.token(link.link_id)}"
    return MadeShareLink(**vars(link), path=path)


@json_router.get(
    "/share-links",
    responses=report_problems(),
    dependencies=[Depends(RequireReader("report"))],
    summary="List the share links",
)
async def list_share_links(store: Store) -> ShareLinkList:
    """Return the share links, without their addresses."""
    found = await store.read(share_links.links)
    return ShareLinkList(links=[ListedShareLink(**vars(link)) for link in found])


@json_router.delete(
    "/share-links/{link_id}", status_code=204, responses=report_problems(404, 422), summary="Revoke a share link"
)
async def revoke_share_link(
    link_id: Annotated[str, Path(max_length=64)], request: Request, reader: Reader, store: Store
) -> Response:
    """Let a share link show nothing from now on."""
    log = request.app.state.audit

    def write(connection: Connection) -> bool:
        is_revoked = share_links.revoke_link(connection, link_id, datetime.now(UTC))
        if is_revoked:
            log.record(connection, reader.actor, AuditEntry("report.unshare", "report", link_id))
        return is_revoked

    if "\x00" in link_id or not await store.write(write):
        raise Problem(404, "unknown-link", "no such share link is in use; what to do: GET /report/share-links")
    return Response(status_code=204, headers=dict(PRIVATE))


@router.get(
    "/shared/{token}",
    response_class=HTMLResponse,
    responses=report_problems(404, 422, keyed=False),
    summary="The report of a share link",
)
async def read_shared(
    token: Annotated[str, Path(max_length=500)],
    request: Request,
    settings: CurrentSettings,
    store: Store,
    lang: Annotated[str | None, Query(max_length=10)] = None,
) -> Response:
    """Return the page that a share link shows: fixed filters, no leads, no links."""
    link_id = request.app.state.share_tokens.link_id(token)
    link: ShareLink | None = None
    if link_id is not None:
        link = await store.read(lambda connection: share_links.link_of(connection, link_id))
    now = datetime.now(UTC)
    if link is None or not link.in_use(now):
        raise Problem(404, "unknown-link", "this link has ended; what to do: ask for a new one")
    filters = filters_of(link.query)
    reader = PageReader(money=link.money, leads=False, is_shared=True)
    language = chosen_language(lang or filters.lang, request.headers.get("accept-language"), settings.report.language)
    try:
        page = await store.read(
            lambda connection: build_page(
                connection, settings, filters, money=link.money, now=now, reader=reader, language=language
            )
        )
    except InputError as error:
        raise Problem(400, "invalid-filter", str(error)) from error
    return page_response(render_html(page))


def _login_page(request: Request, settings: Settings, following: str, *, failed: bool) -> str:
    language = chosen_language(None, request.headers.get("accept-language"), settings.report.language)
    root = _root(request)
    return login_page(
        language,
        str(report_zone(settings)),
        action=f"{root}/report/login",
        following=safe_address(following, root),
        failed=failed,
    )


async def _record(request: Request, store: DecisionStore, actor: AuditActor, entry: AuditEntry) -> None:
    log = request.app.state.audit
    await store.write(lambda connection: log.record(connection, actor, entry))


def _cookie_options(request: Request) -> dict[str, Any]:
    """Return the attributes of the cookie: only on this machine it may go over http."""
    is_local = request.url.scheme == "http" and is_loopback(request.url.hostname or "")
    return {"path": _root(request) or "/", "secure": not is_local, "httponly": True, "samesite": "lax"}


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")
