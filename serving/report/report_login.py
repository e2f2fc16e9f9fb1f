"""Access to the report: an API key, a cookie of a browser that is bound to a key, or the user of a trusted proxy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from itsdangerous import BadSignature, URLSafeTimedSerializer

from leadworth.key_derivation import key_for
from serving.api_keys import SCOPES, ApiKey, KeyRing
from serving.problems import Problem
from serving.rate_limit import MinuteLimit, client_network
from serving.required_scope import ANYONE
from store.audit_log import AuditActor

if TYPE_CHECKING:
    from leadworth.settings import Settings

COOKIE = "leadworth_report"
COOKIE_SECONDS = 12 * 3_600
PURPOSE = "report-login"
MAX_COOKIE = 500


@dataclass(frozen=True)
class ReportReader:
    """Who reads the report.

    Attributes
    ----------
    caller
        Id of the API key, `proxy:NAME` of the user of a proxy, or `anyone`.
    name
        Name of the key or of the user.
    scopes
        What the reader may see.
    """

    caller: str
    name: str
    scopes: frozenset[str]
    actor: AuditActor

    def may(self, scope: str) -> bool:
        """Return whether the reader has a scope."""
        return scope in self.scopes or "admin" in self.scopes

    def require(self, scope: str) -> None:
        """Refuse a reader without a scope.

        Raises
        ------
        Problem
            403.
        """
        if not self.may(scope):
            raise Problem(
                403, "forbidden", f"the API key lacks the scope {scope!r}; what to do: `leadworth keys create`"
            )


class ReportSessions:
    """Signs and reads the cookies of browsers.

    Parameters
    ----------
    settings
        With the secret of the installation.

    Examples
    --------
    >>> from leadworth.settings import Settings
    >>> sessions = ReportSessions(Settings(currency="EUR", leads={}, secret="a secret of thirty-two characters"))
    >>> sessions.key_id(sessions.cookie("ab12")), sessions.key_id("ab12")
    ('ab12', None)
    """

    def __init__(self, settings: Settings) -> None:
        self._serializer = URLSafeTimedSerializer(
            key_for(settings, PURPOSE),
            salt="leadworth.report-session",
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def cookie(self, key_id: str) -> str:
        """Return the content of a cookie that is bound to a key."""
        return str(self._serializer.dumps(key_id))

    def key_id(self, cookie: str | None) -> str | None:
        """Return the id of the key of a cookie; None where it is not ours, or older than 12 hours."""
        if not cookie or len(cookie) > MAX_COOKIE:
            return None
        try:
            content = self._serializer.loads(cookie, max_age=COOKIE_SECONDS)
        except BadSignature:
            return None
        return content if isinstance(content, str) else None


class RequireReader(SecurityBase):
    """Dependency that returns the reader of the report, who must have some scopes.

    Raises
    ------
    Problem
        401 without a valid key, cookie or proxy user, 403 without a scope, 429 beyond the limit of the key.
    """

    model = HTTPBearer(description="`Authorization: Bearer KEY`, `X-API-Key: KEY`, or the cookie of /report/login")
    scheme_name = "api_key"

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    async def __call__(self, request: Request) -> ReportReader:
        """Return the reader."""
        try:
            reader = await reader_of(request)
        except Problem as problem:
            if problem.status_code == 401 and _is_browser(request):
                raise Problem(303, "sign-in", "sign in first", {"Location": login_address(request)}) from problem
            raise
        for scope in self.scopes:
            reader.require(scope)
        limit: MinuteLimit | None = request.app.state.key_limit
        if limit is not None and reader.caller != ANYONE:
            await limit.require(reader.caller, "requests a minute with this API key")
        return reader


async def reader_of(request: Request) -> ReportReader:
    """Return the reader of a request.

    Raises
    ------
    Problem
        401 without a valid key, cookie or proxy user.
    """
    state = request.app.state
    keys: KeyRing | None = state.keys
    address = client_network(request.scope)
    if keys is None:
        return ReportReader(ANYONE, ANYONE, frozenset(SCOPES), AuditActor.of_key(ANYONE, address))
    has_key = "authorization" in request.headers or "x-api-key" in request.headers
    if not has_key:
        if (user := _proxy_user(request)) is not None:
            return ReportReader(f"proxy:{user}", user, frozenset({"report"}), AuditActor(f"proxy:{user}", address))
        key_id = state.report_sessions.key_id(request.cookies.get(COOKIE))
        key = await keys.key_in_use(key_id) if key_id else None
        if key is not None:
            return of_key(key, address)
    found = await keys.key_in_use(await keys.require(request.headers, "report"))
    if found is None:  # revoked since
        raise Problem(401, "unauthorized", "the API key is not valid; what to do: `leadworth keys create`")
    return of_key(found, address)


def of_key(key: ApiKey, address: str) -> ReportReader:
    """Return the reader with a key."""
    return ReportReader(key.key_id, key.name, key.scopes, AuditActor.of_key(key.key_id, address))


def login_address(request: Request) -> str:
    """Return the address for signing in that leads back to that of a request."""
    root = str(request.scope.get("root_path", "")).rstrip("/")
    following = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{root}/report/login?{urlencode({'next': following})}"


def _is_browser(request: Request) -> bool:
    """Return whether a person waits for a page, with no key in the headers."""
    accepts_html = "text/html" in request.headers.get("accept", "")
    return request.method == "GET" and accepts_html and "authorization" not in request.headers


def _proxy_user(request: Request) -> str | None:
    """Return the user that a trusted proxy has checked; None without the setting or the header."""
    header = request.app.state.settings.report.proxy_header
    name = request.headers.get(header, "").strip() if header else ""
    return name[:100] if name and name.isprintable() else None
