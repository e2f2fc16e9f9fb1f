"""Local HubSpot account: the endpoints that leadworth uses, with HubSpot's shapes, limits and errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

from crm.connectors.hubspot.hubspot_peer_events import EVENTS_A_REQUEST, PeerEvents, signed_headers
from crm.connectors.hubspot.hubspot_peer_faults import HubSpotLimits, HubSpotPeerError, RequestCounter, invalid
from crm.connectors.hubspot.hubspot_peer_objects import GONE, Json, PeerObjects
from crm.connectors.hubspot.hubspot_peer_pipelines import deal_pipeline, lead_pipeline
from crm.connectors.hubspot.hubspot_peer_properties import show_time
from crm.connectors.hubspot.hubspot_peer_writes import PeerBatches
from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerAccount
from leadworth.http_client import HttpClient

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

VERSIONS = ("v3", "v4", "2025-09", "2026-03", "2026-09")
MULTI_STATUS = ("v3", "v4", "2025-09", "2026-03")
"""Versions that answer 207 where some rows of a batch failed; later ones answer 200."""
WITH_CONTACTS = ("calls", "emails", "meetings", "communications")
"""Objects that the scopes of contacts cover."""
SCOPES = frozenset(
    f"crm.{area}.{name}.{right}"
    for area in ("objects", "schemas")
    for name in ("contacts", "companies", "deals", "leads", "owners")
    for right in ("read", "write")
)
PATH = re.compile(r"/crm/(?P<first>[^/]+)/(?P<second>[^/]+)(?P<rest>(/[^/]+)*)/?")


@dataclass(frozen=True)
class HubSpotCall:
    """A request to the peer.

    Attributes
    ----------
    kind
        Interface, such as `objects`.
    version
        Version of the interface.
    parts
        Parts of the path after the version.
    """

    method: str
    kind: str
    version: str
    parts: tuple[str, ...]
    query: Mapping[str, str]
    body: Json


class HubSpotPeer(CrmPeer):
    """A HubSpot account on this machine.

    Attributes
    ----------
    limits
        Limits, which tests may change.
    objects
        Records as HubSpot shows them, with the properties of each object.
    batches
        Reading by id and writing, with the faults of rows.
    scopes
        Scopes of the token.
    token
        Static token.
    client_secret
        Secret of the app, for OAuth and webhooks.
    tokens_expire_after
        Requests after which an access token from OAuth expires; None: never.
    pipelines
        Object -> pipelines.
    """

    name: ClassVar[str] = "hubspot"
    open_stages = ("appointmentscheduled", "qualifiedtobuy", "presentationscheduled")
    won_stage = "closedwon"
    lost_stage = "closedlost"
    junk_status = ("hs_lead_status", "JUNK")
    company_fields: ClassVar[Mapping[str, str]] = {"name": "name", "domain": "domain"}

    def __init__(self, account: PeerAccount) -> None:
        super().__init__(account)
        self.limits = HubSpotLimits()
        self.objects = PeerObjects(account, self.limits)
        self.batches = PeerBatches(account, self.objects)
        self.scopes = set(SCOPES)
        self.token = "pat-sandbox"
        self.client_secret = "sandbox-client-secret"
        self.tokens_expire_after: int | None = None
        self.pipelines = {"deals": [deal_pipeline()], "leads": [lead_pipeline()]}
        self._counter = RequestCounter(self.limits)
        self._events = PeerEvents(account)
        self._issued: dict[str, int] = {}
        self._numbers = count(1)

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom properties."""
        self.objects.rules_of(object_name).note(names)
        return {name: name for name in names}

    def lift_limits(self) -> None:
        """Refuse no more requests because of their number."""
        self.limits.searches = self.limits.ten_seconds = self.limits.daily = 1_000_000_000

    @property
    def requests(self) -> int:
        """Requests that were counted against the limits."""
        return self._counter.today

    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings with which leadworth connects to this peer."""
        return {
            "endpoint": address,
            "token": self.token,
            "client_secret": self.client_secret,
            "searches_per_second": str(self.limits.searches),
            "user": self.batches.api_user,
        }

    def send_events(
        self,
        url: str,
        *,
        public_url: str = "",
        repeated: bool = False,
        reverse: bool = False,
        forged: bool = False,
        age: timedelta = timedelta(0),
    ) -> list[int]:
        """Post what happened since the last call to a webhook, and return the statuses of the answers.

        Parameters
        ----------
        url
            Address of the webhook.
        public_url
            Address that HubSpot was given, where a proxy is between; empty: the same.
        repeated
            Every request is sent twice.
        reverse
            The newest event comes first.
        forged
            Signed with another secret.
        age
            Time since the request was signed.
        """
        events = self._events.news()
        if reverse:
            events.reverse()
        statuses = []
        http = HttpClient(10.0)
        for start in range(0, len(events), EVENTS_A_REQUEST):
            body = json.dumps(events[start : start + EVENTS_A_REQUEST]).encode()
            secret = "another secret" if forged else self.client_secret
            headers = signed_headers(secret, public_url or url, body, datetime.now(UTC) - age)
            for _ in range(2 if repeated else 1):
                statuses.append(http.post(url, body, headers, own=range(400, 600)).status_code)
        http.close()
        return statuses

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return an answer to too many requests."""
        body = {"status": "error", "errorType": "RATE_LIMIT", "policyName": "SECONDLY"}
        return 429, {"Retry-After": "0"}, json.dumps(body).encode()

    def app(self) -> Starlette:
        """Return the application that answers as HubSpot does."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        methods = ["GET", "POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{path:path}", self._serve, methods=methods)])

    async def _serve(self, request: Request) -> Response:
        from starlette.responses import JSONResponse, Response

        content = await request.body()
        search = request.url.path.endswith("/search")
        try:
            if len(request.url.path) + len(request.url.query) > self.limits.address:
                return Response("<html><h1>414 URI Too Long</h1></html>", 414, media_type="text/html")
            if request.url.path.startswith("/oauth/"):
                return JSONResponse(self._grant({key: values[0] for key, values in parse_qs(content.decode()).items()}))
            self._authenticate(request.headers.get("authorization", ""))
            self._counter.count(search=search)
            call = _call(request, content)
            with self.account.lock:
                found = self._answer(call)
            if not found:
                return Response(status_code=204, headers=self._counter.headers())
            status = 207 if "numErrors" in found and call.version in MULTI_STATUS else 200
            created = call.kind == "properties" and call.method == "POST"
            headers = {} if search else self._counter.headers()
            return JSONResponse(found, 201 if created else status, headers)
        except HubSpotPeerError as fault:
            headers = {} if search else self._counter.headers()
            return JSONResponse(fault.body, fault.status, {**headers, **fault.headers})

    def _grant(self, form: Mapping[str, str]) -> Json:
        if form.get("client_secret") != self.client_secret or form.get("grant_type") != "refresh_token":
            raise HubSpotPeerError(400, "BAD_CLIENT_SECRET", "missing or invalid client secret", error="invalid_client")
        if form.get("refresh_token") != "refresh-sandbox":
            raise HubSpotPeerError(400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token", error="invalid_grant")
        token = f"oauth-{next(self._numbers)}"
        self._issued[token] = self.requests
        more = {"refresh_token": "refresh-sandbox", "token_type": "bearer", "hub_id": 1, "scopes": sorted(self.scopes)}
        return {"access_token": token, "expires_in": 1_800, **more}

    def _authenticate(self, header: str) -> None:
        token = header.removeprefix("Bearer ")
        if token == self.token:
            return
        if token not in self._issued:
            raise HubSpotPeerError(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if self.tokens_expire_after is not None and self.requests - self._issued[token] >= self.tokens_expire_after:
            raise HubSpotPeerError(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired")

    def _answer(self, call: HubSpotCall) -> Json:
        if call.version not in VERSIONS:
            raise HubSpotPeerError(404, "NOT_FOUND", f"version {call.version} does not exist")
        handlers: Mapping[str, Callable[[HubSpotCall], Json | None]] = {
            "objects": self._objects,
            "associations": self._associations,
            "properties": self._properties,
            "pipelines": self._pipelines,
            "owners": self._owners,
        }
        handler = handlers.get(call.kind)
        found = None if handler is None else handler(call)
        if found is None:
            raise HubSpotPeerError(404, "NOT_FOUND", f"{call.method} {call.kind} {'/'.join(call.parts)} does not exist")
        return dict(found)

    def _allow(self, area: str, object_name: str, right: str) -> None:
        scope = f"crm.{area}.{'contacts' if object_name in WITH_CONTACTS else object_name}.{right}"
        if scope not in self.scopes:
            error = {"message": "One or more scopes are required.", "context": {"requiredGranularScopes": [scope]}}
            message = "This app hasn't been granted all required scopes to make this call."
            raise HubSpotPeerError(403, "MISSING_SCOPES", message, errors=[error])

    def _objects(self, call: HubSpotCall) -> Json | None:
        object_name, rest = call.parts[0], call.parts[1:]
        writes = rest in (("batch", "update"), ("merge",), ("gdpr-delete",))
        self._allow("objects", object_name, "write" if writes else "read")
        archived = call.query.get("archived", "").lower() == "true"
        match (call.method, *rest):
            case ("GET",):
                return self.objects.page(object_name, call.query)
            case ("POST", "search"):
                return self.objects.search(object_name, call.body)
            case ("POST", "batch", "read"):
                return self.batches.read(object_name, call.body, archived=archived)
            case ("POST", "batch", "update"):
                return self.batches.update(object_name, call.body)
            case ("POST", "merge"):
                return self.batches.merge(object_name, call.body)
            case ("POST", "gdpr-delete"):
                return self.batches.erase(object_name, call.body)
            case ("GET", record_id):
                record = self.objects.get(object_name, record_id)
                if record is None or (record.state in GONE) != archived:
                    raise HubSpotPeerError(404, "OBJECT_NOT_FOUND", "resource not found")
                return self.objects.item(object_name, record, call.query.get("properties", "").split(","))
        return None

    def _associations(self, call: HubSpotCall) -> Json | None:
        from_object, to_object, *rest = call.parts
        self._allow("objects", from_object, "read")
        self._allow("objects", to_object, "read")
        return self.objects.associations(from_object, to_object, call.body) if rest == ["batch", "read"] else None

    def _properties(self, call: HubSpotCall) -> Json | None:
        object_name, rest = call.parts[0], call.parts[1:]
        self._allow("schemas", object_name, "read" if call.method == "GET" else "write")
        rules = self.objects.rules_of(object_name)
        match (call.method, *rest):
            case ("GET",):
                rules.note({name for record in self.account.of(object_name).values() for name in record.values})
                return {"results": [made for name, made in rules.defined.items() if rules.exists(name)]}
            case ("POST", "groups"):
                return rules.create_group(call.body)
            case ("POST",):
                return rules.create(call.body)
        return None

    def _pipelines(self, call: HubSpotCall) -> Json | None:
        return {"results": self.pipelines.get(call.parts[0], [])}

    def _owners(self, call: HubSpotCall) -> Json | None:
        self._allow("objects", "owners", "read")
        archived = call.query.get("archived", "").lower() == "true"
        found = [item for item in self.account.of("owners").values() if (item.state in GONE) == archived]
        start, limit = int(call.query.get("after") or 0), int(call.query.get("limit") or 100)
        if limit > 500:
            raise invalid("limit must be at most 500")
        results = [
            {
                **item.values,
                "id": item.record_id,
                "type": "PERSON",
                "createdAt": show_time(item.created_at),
                "updatedAt": show_time(item.state_at or item.modified_at),
                "archived": archived,
            }
            for item in found[start : start + limit]
        ]
        more = {"paging": {"next": {"after": str(start + limit)}}} if start + limit < len(found) else {}
        return {"results": results, **more}


def peer(account: PeerAccount | None = None) -> HubSpotPeer:
    """Return a HubSpot account with records, or an empty one whose search lags by a second."""
    return HubSpotPeer(account or PeerAccount(lag_seconds=1.0))


def _call(request: Request, content: bytes) -> HubSpotCall:
    """Return a request in the present form of paths, also one in the form of versions with numbers."""
    match = PATH.fullmatch(request.url.path)
    if match is None:
        raise HubSpotPeerError(404, "NOT_FOUND", f"{request.url.path} does not exist")
    kind, version = match["first"], match["second"]
    if version not in VERSIONS and kind in VERSIONS:
        kind, version = version, kind
    try:
        body: Any = json.loads(content) if content else {}
    except ValueError:
        raise invalid("Invalid input JSON") from None
    parts = tuple(part for part in match["rest"].split("/") if part)
    names = request.query_params.keys()
    query = {name: ",".join(request.query_params.getlist(name)) for name in names}
    return HubSpotCall(request.method, kind, version, parts, query, body)
