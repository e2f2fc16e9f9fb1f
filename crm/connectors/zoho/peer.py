"""Local peer of Zoho CRM: sign-in by refresh token, modules, queries, settings, writes and credits of one account."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.connectors.zoho.zoho_account import API_USER_ID, STAGES, ZohoAccount
from crm.connectors.zoho.zoho_peer_reads import Json, ZohoPeerError, ZohoPeerReads, query_credits
from crm.connectors.zoho.zoho_peer_writes import ZohoPeerWrites
from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import RecordState

if TYPE_CHECKING:
    from starlette.requests import Request

CLIENT, SECRET, REFRESH = "1000.PEER", "peer-secret", "1000.peer-refresh"
TOKENS, TOKEN_WINDOW_SECONDS = 10, 600.0
"""Access tokens that are given out in ten minutes."""
STATUSES = ("Not Contacted", "Contacted", "Junk Lead", "Lost Lead", "Not Qualified")
Answer = tuple[int, Json | None]


class ZohoPeer(CrmPeer):
    """An account on this machine.

    Parameters
    ----------
    account
        Records of the account.

    Attributes
    ----------
    zoho
        The account.
    reads, writes
        What lists and writes do, with hooks for tests.
    api_domain
        Address of the server of the data; empty: the one that gives out tokens.
    tokens_expire_after
        Lifetime of an access token in seconds.
    milliseconds
        Whether `expires_in` is in milliseconds, as some servers write it.
    daily_limit, used
        Credits of 24 hours: allowed, and used.
    currency
        Currency of the account; deals have a field of their own only where `reads.kinds` has it.
    forecast_in_fields
        Whether the list of fields names the forecast types, or the pipelines only.
    tokens
        Access token -> end of its validity.
    given
        Times at which tokens were given out.
    forbidden
        Parts of paths that the refresh token may not use.
    """

    name = "zoho"
    open_stages = tuple(name for name, kind in STAGES.items() if kind == "Open")
    won_stage, lost_stage = "Closed Won", "Closed Lost"
    junk_status = ("Lead_Status", "Junk Lead")

    def __init__(self, account: ZohoAccount) -> None:
        super().__init__(account)
        self.zoho = account
        self.reads = ZohoPeerReads(account)
        self.writes = ZohoPeerWrites(account, self.reads)
        self.api_domain = ""
        self.tokens_expire_after, self.milliseconds = 3_600.0, False
        self.daily_limit, self.used = 100_000, 0
        self.currency = "EUR"
        self.forecast_in_fields = True
        self.forbidden: set[str] = set()
        self.tokens: dict[str, float] = {}
        self.given: list[float] = []
        self._numbers = count(1)
        self._lock = threading.RLock()

    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings with which leadworth signs in."""
        return {"endpoint": address, "client_id": CLIENT, "client_secret": SECRET, "refresh_token": REFRESH}

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return what Zoho answers to too many calls at once; it names no time to wait."""
        content = {"code": "TOO_MANY_REQUESTS", "details": {}, "message": "too many requests", "status": "error"}
        return 429, {}, json.dumps(content).encode()

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom text fields as an administrator does, and return name -> name in requests."""
        self.reads.kinds[object_name] |= dict.fromkeys(names, "text")
        return {name: name for name in names}

    def remove_field(self, object_name: str, field: str) -> None:
        """Remove a field."""
        del self.reads.kinds[object_name][field]

    def app(self) -> Starlette:
        """Return the application that answers as Zoho does."""
        base = "/crm/v8"
        routes: list[tuple[str, str, Callable[[Request, Any], Answer]]] = [
            (f"{base}/settings/fields", "GET", self._fields),
            (f"{base}/settings/fields", "POST", self._new_fields),
            (f"{base}/settings/layouts", "GET", lambda *_: (200, {"layouts": [{"id": "554023000000091055"}]})),
            (f"{base}/settings/pipeline", "GET", self._pipelines),
            (f"{base}/org", "GET", lambda *_: (200, {"org": [{"iso_code": self.currency}]})),
            (f"{base}/users", "GET", self._users),
            (f"{base}/coql", "POST", self._query),
            (f"{base}/actions/watch", "POST", lambda _, body: self.writes.order("POST", body)),
            (f"{base}/actions/watch", "PATCH", lambda _, body: self.writes.order("PATCH", body)),
            (f"{base}/{{module}}/deleted", "GET", self._deleted),
            (f"{base}/{{module}}/actions/count", "GET", self._count),
            (f"{base}/{{module}}/{{id}}/__timeline", "GET", self._timeline),
            (f"{base}/{{module}}", "GET", self._list),
            (f"{base}/{{module}}", "PUT", self._update),
        ]
        token = Route("/oauth/v2/token", self._token, methods=["POST"])
        guarded = [Route(path, self._guarded(call), methods=[method]) for path, method, call in routes]
        return Starlette(routes=[token, *guarded])

    def _guarded(self, call: Callable[[Request, Any], Answer]) -> Callable[[Request], Any]:
        """Return an endpoint that checks token, server and credits first."""

        async def endpoint(request: Request) -> Response:
            content = await request.body()
            document = json.loads(content) if content else None
            status, body = await run_in_threadpool(self._answer, call, request, document)
            return Response(status_code=status) if body is None else JSONResponse(body, status)

        return endpoint

    def _answer(self, call: Callable[[Request, Any], Answer], request: Request, body: Any) -> Answer:
        with self._lock, self.zoho.lock:
            try:
                now = self.zoho.clock.now().timestamp()
                kind, _, token = request.headers.get("authorization", "").partition(" ")
                server = str(request.base_url).rstrip("/")
                if kind != "Zoho-oauthtoken" or self.tokens.get(token, 0.0) <= now or server != self._domain(server):
                    raise ZohoPeerError(401, "INVALID_TOKEN")
                if self.forbidden & set(request.url.path.split("/")):
                    raise ZohoPeerError(401, "OAUTH_SCOPE_MISMATCH")
                path = request.url.path
                self.used += query_credits(str((body or {}).get("select_query"))) if path.endswith("/coql") else 1
                if self.used > self.daily_limit:
                    raise ZohoPeerError(429, "TOO_MANY_REQUESTS")
                return call(request, body)
            except ZohoPeerError as error:
                return error.status, error.content

    def _domain(self, server: str) -> str:
        return self.api_domain or server

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        status, body = await run_in_threadpool(self._signed_in, form, str(request.base_url).rstrip("/"))
        return JSONResponse(body, status)

    def _signed_in(self, form: Mapping[str, str], server: str) -> tuple[int, Json]:
        """Return the answer to a request of an access token: most errors have HTTP 200."""
        with self._lock:
            now = self.zoho.clock.now().timestamp()
            if form.get("client_id") != CLIENT:
                return 200, {"error": "invalid_client"}
            if form.get("client_secret") != SECRET:
                return 200, {"error": "invalid_client_secret"}
            if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != REFRESH:
                return 200, {"error": "invalid_code"}
            self.given = [at for at in self.given if at > now - TOKEN_WINDOW_SECONDS]
            if len(self.given) >= TOKENS:
                return 400, {"error": "Access Denied", "status": "failure"}
            self.given.append(now)
            token = f"1000.access-{next(self._numbers)}"
            self.tokens[token] = now + self.tokens_expire_after
            lifetime = int(self.tokens_expire_after * (1000 if self.milliseconds else 1))
            answer = {"access_token": token, "api_domain": self._domain(server), "token_type": "Bearer"}
            return 200, {**answer, "expires_in": lifetime}

    def _fields(self, request: Request, body: Any) -> Answer:
        del body
        module = request.query_params["module"]
        kinds = self.reads.of(module)
        return 200, {"fields": [self._described(module, name, kind) for name, kind in kinds.items()]}

    def _described(self, module: str, name: str, kind: str) -> Json:
        """Return a field of the list of fields."""
        choices = self.writes.options.get(module, {}).get(name, [])
        if (module, name) == ("Leads", "Lead_Status"):
            choices = ["-None-", *STATUSES]
        if (module, name) == ("Deals", "Stage"):
            choices = list(STAGES)
        options: list[Json] = [{"display_value": value, "actual_value": value} for value in choices]
        if (module, name) == ("Deals", "Stage") and self.forecast_in_fields:
            options = [{**option, "forecast_type": STAGES[option["actual_value"]]} for option in options]
        system = name in ("id", "Created_Time", "Modified_Time", "Modified_By", "Converted__s")
        return {
            "api_name": name,
            "field_label": self.writes.labels.get(name, name.replace("_", " ")),
            "data_type": kind,
            "read_only": system,
            "operation_type": {"api_update": not system},
            "pick_list_values": options,
        }

    def _new_fields(self, request: Request, body: Any) -> Answer:
        return self.writes.create_fields(request.query_params["module"], body)

    def _pipelines(self, request: Request, body: Any) -> Answer:
        del body
        if "layout_id" not in request.query_params:
            raise ZohoPeerError(400, "REQUIRED_PARAM_MISSING", param_name="layout_id")
        maps = [
            {"display_value": value, "actual_value": value, "sequence_number": number, "forecast_type": kind}
            for number, (value, kind) in enumerate(STAGES.items(), 1)
        ]
        return 200, {"pipeline": [{"display_value": "Standard", "actual_value": "Standard", "maps": maps}]}

    def _users(self, request: Request, body: Any) -> Answer:
        del body
        page, rows = int(request.query_params.get("page", "1")), int(request.query_params.get("per_page", "200"))
        users = list(self.zoho.of("users").values())
        if request.query_params.get("type") == "CurrentUser":
            users = [user for user in users if user.record_id == API_USER_ID]
        part = users[(page - 1) * rows : page * rows]
        shown = [
            {
                **user.values,
                "id": user.record_id,
                "created_time": user.created_at.isoformat(),
                "Modified_Time": user.modified_at.isoformat(),
            }
            for user in part
        ]
        return 200, {"users": shown, "info": {"more_records": len(users) > page * rows}}

    def _query(self, request: Request, body: Any) -> Answer:
        del request
        return _answered(self.reads.query(body["select_query"]))

    def _list(self, request: Request, body: Any) -> Answer:
        del body
        since = request.headers.get("if-modified-since", "")
        return _answered(self.reads.page(request.path_params["module"], request.query_params, since))

    def _deleted(self, request: Request, body: Any) -> Answer:
        del body
        since = request.headers.get("if-modified-since", "")
        return _answered(self.reads.deleted(request.path_params["module"], request.query_params, since))

    def _timeline(self, request: Request, body: Any) -> Answer:
        del body
        return _answered(self.reads.timeline(request.path_params["module"], request.path_params["id"]))

    def _count(self, request: Request, body: Any) -> Answer:
        del body
        found = self.zoho.visible(request.path_params["module"])
        shown = [item for item in found if item.state is RecordState.LIVE and not item.values.get("Converted__s")]
        return 200, {"count": len(shown)}

    def _update(self, request: Request, body: Any) -> Answer:
        return self.writes.update(request.path_params["module"], body)


def peer(account: PeerAccount | None = None) -> ZohoPeer:
    """Return an account with one currency."""
    if account is None:
        account = ZohoAccount()
    assert isinstance(account, ZohoAccount), "Zoho has ids and conversions of its own: use ZohoAccount"
    return ZohoPeer(account)


def _answered(found: Json | int) -> Answer:
    return (found, None) if isinstance(found, int) else (200, found)
