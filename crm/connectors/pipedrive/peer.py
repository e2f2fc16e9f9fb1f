"""Local Pipedrive account: the endpoints that leadworth uses, with Pipedrive's shapes, limits and errors."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

from crm.connectors.pipedrive.pipedrive_peer_account import PRESENT_STATES, PipedriveAccount
from crm.connectors.pipedrive.pipedrive_peer_events import PipedrivePeerEvents
from crm.connectors.pipedrive.pipedrive_peer_fields import STANDARD, PeerFields
from crm.connectors.pipedrive.pipedrive_peer_limits import PipedriveLimits, PipedrivePeerError, TokenBudget
from crm.connectors.pipedrive.pipedrive_peer_views import LISTED, PeerViews, Shown, show_old
from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerRecord
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnansweredError

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

STAGES = {"1": "Qualified", "2": "Contact made", "3": "Proposal made"}
MOST_HOOKS = 40
API_USER = "77"


@dataclass(frozen=True)
class PipedriveCall:
    """A request to the peer.

    Attributes
    ----------
    parts
        Parts of the path that its endpoint names.
    """

    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Shown


class PipedrivePeer(CrmPeer):
    """A Pipedrive account on this machine.

    Attributes
    ----------
    limits
        Limits, which tests may change.
    budget
        Tokens that were spent.
    fields
        Fields of deals and leads.
    views
        Records as Pipedrive shows them.
    token
        API token of the user.
    client
        Id and secret of the app, for OAuth.
    refresh_token
        Present refresh token; each renewal replaces it.
    webhook_password
        Password of the webhooks.
    tokens_expire_after
        Requests after which an access token from OAuth expires; None: never.
    refusals
        Id of a record -> status and error with which its writes are refused.
    hooks
        Webhooks that were created.
    calls
        Method and path of each request that was answered.
    """

    name: ClassVar[str] = "pipedrive"
    open_stages = tuple(STAGES)
    won_stage = "won"
    lost_stage = "lost"
    junk_status = ("labels", "Junk")
    account: PipedriveAccount

    def __init__(self, account: PipedriveAccount) -> None:
        super().__init__(account)
        self.limits = PipedriveLimits()
        self.budget = TokenBudget(self.limits)
        self.fields = PeerFields()
        self.views = PeerViews(account, self.limits)
        self.token = "pipedrive-sandbox-token"
        self.client = ("sandbox-app", "sandbox-client-secret")
        self.refresh_token = "refresh-0"
        self.webhook_password = "sandbox-webhook-password"
        self.tokens_expire_after: int | None = None
        self.refusals: dict[str, tuple[int, str]] = {}
        self.hooks: list[Shown] = []
        self.calls: list[tuple[str, str]] = []
        self._events = PipedrivePeerEvents(account, self.views, API_USER)
        self._issued: dict[str, int] = {}
        self._numbers = count(1)

    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings with which leadworth connects to this peer."""
        return {
            "endpoint": address,
            "token": self.token,
            "oauth_url": f"{address}/oauth/token",
            "webhook_password": self.webhook_password,
        }

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom fields of deals, which leads have too."""
        del object_name
        made = {name: self.fields.create({"field_name": name, "field_type": "varchar"}) for name in names}
        return {name: str(field["field_code"]) for name, field in made.items()}

    def lift_limits(self) -> None:
        """Refuse no more requests because of their number."""
        self.limits.burst = self.limits.daily = 1_000_000_000

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return an answer to too many requests."""
        body = {"success": False, "error": "request over limit"}
        return 429, {"x-ratelimit-reset": "0"}, json.dumps(body).encode()

    def send_events(
        self, url: str, *, repeated: bool = False, reverse: bool = False, forged: bool = False
    ) -> list[int]:
        """Post what happened since the last call to a webhook, and return the statuses of the answers.

        Parameters
        ----------
        url
            Address of the webhook.
        repeated
            Every event is sent again with the next number of its attempt.
        reverse
            The newest event comes first.
        forged
            With another password.
        """
        statuses = []
        http = HttpClient(10.0)
        for event in self.event_bodies(repeated=repeated, reverse=reverse):
            headers = {"Content-Type": "application/json", **self.event_headers(forged=forged)}
            try:
                statuses.append(http.post(url, event, headers, own=range(400, 600)).status_code)
            except (BusyError, UnansweredError):
                statuses.append(0)
        http.close()
        return statuses

    def event_bodies(self, *, repeated: bool = False, reverse: bool = False) -> list[bytes]:
        """Return the bodies of the webhooks about what happened since the last call."""
        events = self._events.news()
        if reverse:
            events.reverse()
        bodies = []
        for event in events:
            for attempt in (1, 2) if repeated else (1,):
                bodies.append(json.dumps({**event, "meta": {**event["meta"], "attempt": attempt}}).encode())
        return bodies

    def event_headers(self, *, forged: bool = False) -> dict[str, str]:
        """Return the headers of a webhook, with names in lower case."""
        pair = f"leadworth:{'another' if forged else self.webhook_password}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def app(self) -> Starlette:
        """Return the application that answers as Pipedrive does."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._serve, methods=methods)])

    async def _serve(self, request: Request) -> Response:
        from starlette.responses import JSONResponse, Response

        content = await request.body()
        path = request.url.path
        try:
            if path == "/oauth/token":
                return JSONResponse(self._grant(request, content))
            self._authenticate(request.headers.get("x-api-token", ""), request.headers.get("authorization", ""))
            below = path.removeprefix("/api/")
            answer, parts, cost = _route(request.method, below)
            self.budget.take(cost)
            self.calls.append((request.method, below))
            call = PipedriveCall(parts, dict(request.query_params), json.loads(content) if content else {})
            with self.account.lock:
                found = answer(self, call)
            return JSONResponse(found, 200, self.budget.headers(200))
        except PipedrivePeerError as fault:
            if fault.body is None:
                return Response(
                    "<html>Error 1015: you are being rate limited</html>", fault.status, media_type="text/html"
                )
            return JSONResponse(fault.body, fault.status, self.budget.headers(fault.status))

    def _grant(self, request: Request, content: bytes) -> Shown:
        form = {key: values[0] for key, values in parse_qs(content.decode()).items()}
        pair = base64.b64encode(":".join(self.client).encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            raise PipedrivePeerError(401, "invalid_client")
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh_token:
            raise PipedrivePeerError(400, "invalid_grant")
        number = next(self._numbers)
        self.refresh_token = f"refresh-{number}"
        token = f"oauth-{number}"
        self._issued[token] = len(self.calls)
        more = {"token_type": "bearer", "expires_in": 3_599, "refresh_token": self.refresh_token, "scope": "base"}
        return {"access_token": token, "api_domain": str(request.base_url).rstrip("/"), **more}

    def _authenticate(self, token: str, header: str) -> None:
        bearer = header.removeprefix("Bearer ")
        known = token == self.token or bearer in self._issued
        after = self.tokens_expire_after
        if bearer in self._issued and after is not None:
            known = len(self.calls) - self._issued[bearer] < after
        if not known:
            raise PipedrivePeerError(401, "unauthorized access", errorCode=401)

    def _present(self, object_name: str, key: str) -> PeerRecord:
        record = self.account.of(object_name).get(key)
        if record is None or record.state not in PRESENT_STATES or key in self.account.converted:
            raise PipedrivePeerError(404, "Not found")
        return record

    def _list(self, call: PipedriveCall) -> Shown:
        return self.views.page(call.parts[0], call.query, archived=len(call.parts) > 1)

    def _leads(self, call: PipedriveCall) -> Shown:
        return self.views.leads(call.query, archived=bool(call.parts[0]))

    def _lead(self, call: PipedriveCall) -> Shown:
        return _data(self.views.show("leads", self._present("leads", call.parts[0])))

    def _write(self, call: PipedriveCall) -> Shown:
        object_name, key = call.parts
        record = self._present(object_name, key)
        if key in self.refusals:
            status, error = self.refusals[key]
            raise PipedrivePeerError(status, error)
        values = call.body if object_name == "leads" else call.body.get("custom_fields", {})
        if object_name != "leads" and call.body.keys() - {"custom_fields"}:
            raise PipedrivePeerError(400, "Validation failed", code="ERR_SCHEMA_VALIDATION_FAILED")
        self.fields.require_valid(values)
        self.account.write(object_name, key, values, by=API_USER)
        return _data(self.views.show(object_name, record))

    def _merge(self, call: PipedriveCall) -> Shown:
        object_name, key = call.parts
        survivor = str(call.body.get("merge_with_id"))
        self._present(object_name, key)
        self._present(object_name, survivor)
        self.account.merge(object_name, survivor, key)
        return _data({"id": int(survivor)})

    def _log(self, call: PipedriveCall) -> Shown:
        entries, start = self.views.log(self._present("deals", call.parts[0])), int(call.query.get("cursor", "0"))
        limit = int(call.query.get("limit", "100"))
        following = str(start + limit) if start + limit < len(entries) else None
        return {**_data(entries[start : start + limit]), "additional_data": {"next_cursor": following}}

    def _fields(self, call: PipedriveCall) -> Shown:
        self.views.note_channels()
        return {
            **_data(self.fields.listed(call.parts[0], self.views.channels)),
            "additional_data": {"next_cursor": None},
        }

    def _create_field(self, call: PipedriveCall) -> Shown:
        return _data(self.fields.create(call.body))

    def _stages(self, call: PipedriveCall) -> Shown:
        if call.parts[0] == "pipelines":
            return _data([{"id": 1, "name": "Sales", "order_nr": 1, "is_deleted": False}])
        return _data(
            [
                {"id": int(key), "name": name, "order_nr": int(key), "pipeline_id": 1, "is_deleted": False}
                for key, name in STAGES.items()
            ]
        )

    def _lead_labels(self, call: PipedriveCall) -> Shown:
        del call
        return _data([{"id": key, "name": name, "color": "red"} for name, key in self.views.labels.items()])

    def _users(self, call: PipedriveCall) -> Shown:
        users = [
            {
                **item.values,
                "id": int(item.record_id),
                "created": show_old(item.created_at),
                "modified": show_old(item.modified_at),
            }
            for item in self.account.of("users").values()
        ]
        return _data({"id": int(API_USER), "company_domain": "sandbox"} if call.parts[0] else users)

    def _hooks(self, call: PipedriveCall) -> Shown:
        if not call.body:
            return _data(self.hooks)
        if len(self.hooks) >= MOST_HOOKS:
            raise PipedrivePeerError(400, "Too many webhooks")
        self.hooks.append({"id": len(self.hooks) + 1, "version": "2.0", **call.body})
        return _data(self.hooks[-1])


_Answer = Callable[[PipedrivePeer, PipedriveCall], Shown]
_NAMES = "|".join(LISTED)
_FIELD_LISTS = "|".join(STANDARD)
_ROUTES: tuple[tuple[str, str, int, _Answer], ...] = (
    ("GET", f"v2/({_NAMES})", 10, PipedrivePeer._list),
    ("GET", "v2/(deals)/(archived)", 20, PipedrivePeer._list),
    ("PATCH", "v2/(deals)/([0-9]+)", 5, PipedrivePeer._write),
    ("GET", f"v2/({_FIELD_LISTS})", 10, PipedrivePeer._fields),
    ("POST", "v2/(dealFields)", 5, PipedrivePeer._create_field),
    ("GET", "v2/(pipelines|stages)", 5, PipedrivePeer._stages),
    ("GET", "v1/leads(/archived)?", 20, PipedrivePeer._leads),
    ("GET", "v1/leads/([0-9a-f-]{36})", 2, PipedrivePeer._lead),
    ("PATCH", "v1/(leads)/([0-9a-f-]{36})", 10, PipedrivePeer._write),
    ("GET", "v1/leadLabels", 20, PipedrivePeer._lead_labels),
    ("GET", "v1/deals/([0-9]+)/changelog", 20, PipedrivePeer._log),
    ("PUT", "v1/(deals|persons|organizations)/([0-9]+)/merge", 80, PipedrivePeer._merge),
    ("GET", "v1/users()", 20, PipedrivePeer._users),
    ("GET", "v1/users(/me)", 2, PipedrivePeer._users),
    ("GET", "v1/webhooks", 20, PipedrivePeer._hooks),
    ("POST", "v1/webhooks", 10, PipedrivePeer._hooks),
)
"""Method, path, tokens and answer of each endpoint."""


def _route(method: str, path: str) -> tuple[_Answer, tuple[str, ...], int]:
    """Return what answers a request, the parts of its path, and its tokens."""
    for asked, pattern, cost, answer in _ROUTES:
        match = re.fullmatch(pattern, path)
        if asked == method and match is not None:
            return answer, match.groups(""), cost
    raise PipedrivePeerError(404, "Not found")


def peer(account: PipedriveAccount | None = None) -> PipedrivePeer:
    """Return a Pipedrive account with records, or an empty one whose lists lag by a second."""
    return PipedrivePeer(account or PipedriveAccount(lag_seconds=1.0))


def _data(data: Any) -> Shown:
    return {"success": True, "data": data, "additional_data": {}}
