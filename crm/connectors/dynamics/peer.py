"""Local peer of Dataverse: tables, change tracking, metadata and writes of one environment."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.connectors.dynamics.dataverse_account import APPLICATION_ID, DataverseAccount
from crm.connectors.dynamics.dataverse_tables import DataverseTables
from crm.connectors.dynamics.dataverse_writes import DataverseWrites
from crm.connectors.dynamics.odata_filter import Condition, ODataError, ODataFilter, column
from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import RecordState

if TYPE_CHECKING:
    from starlette.requests import Request

BASE = "/api/data/v9.2/"
MOST_ROWS = 5_000
MOST_AGGREGATED = 50_000
TENANT = "33333333-0000-4000-8000-000000000001"
CLIENT_ID = "33333333-0000-4000-8000-000000000002"
CLIENT_SECRET = "client-secret"
_DEFINITION = re.compile(
    r"EntityDefinitions\(LogicalName='(\w+)'\)(?:/Attributes(?:/Microsoft\.Dynamics\.CRM\.(\w+))?)?"
)
_ONE_ROW = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)")
_APPLY = re.compile(r"(?:filter\((.*)\)/)?aggregate\(\$count as (\w+)\)")
Answer = tuple[int, Any]


class DynamicsPeer(CrmPeer):
    """An environment on this machine.

    Attributes
    ----------
    page_rows
        Most rows of a page.
    most_aggregated
        Rows above which an aggregate is refused.
    change_days
        Days for which change tracking knows deletions (ExpireChangeTrackingInDays).
    session_seconds
        Lifetime of a token, which its answer states.
    reads_all
        Whether our user may read the tables of the whole organization.
    """

    name = "dynamics"
    open_stages = ("1", "2", "100000001")
    won_stage, lost_stage = "3", "5"
    junk_status = ("statuscode", "5")

    def __init__(self, account: DataverseAccount) -> None:
        super().__init__(account)
        self.environment = account
        self.tables = DataverseTables(account)
        self.writes = DataverseWrites(account, self.tables)
        self.page_rows = MOST_ROWS
        self.most_aggregated = MOST_AGGREGATED
        self.change_days = 7
        self.session_seconds = 3_599
        self.reads_all = True
        self.signed_in = 0
        self._sessions: set[str] = set()

    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings with which leadworth connects to this peer."""
        return {
            "endpoint": address,
            "login": address,
            "tenant": TENANT,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return what an environment answers above its limits; it always names the time to wait."""
        body = json.dumps(_error("0x80072322", "Number of requests exceeded the limit of 6000"))
        return 429, {"Retry-After": "0"}, body.encode()

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom text columns as an administrator does, and return name -> name in requests."""
        created = {name: f"new_{name}" for name in names}
        self.tables.kinds[object_name] |= dict.fromkeys(created.values(), "String")
        return created

    def remove_field(self, object_name: str, field: str) -> None:
        """Remove a column."""
        del self.tables.kinds[object_name][field]

    def end_sessions(self) -> None:
        """Make all tokens invalid before their time."""
        self._sessions.clear()

    def app(self) -> Starlette:
        """Return the application that answers as Dataverse does."""
        token = Route(f"/{TENANT}/oauth2/v2.0/token", self._token, methods=["POST"])
        return Starlette(
            routes=[token, Route(f"{BASE}{{path:path}}", self._endpoint, methods=["GET", "POST", "PATCH"])]
        )

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        scope = f"{str(request.base_url).rstrip('/')}/.default"
        given = (form.get("grant_type"), form.get("client_id"), form.get("client_secret"), form.get("scope"))
        if given != ("client_credentials", CLIENT_ID, CLIENT_SECRET, scope):
            return JSONResponse({"error": "invalid_client", "error_description": "AADSTS7000215"}, 401)
        token = secrets.token_urlsafe(24)
        self._sessions.add(token)
        self.signed_in += 1
        return JSONResponse({"token_type": "Bearer", "expires_in": self.session_seconds, "access_token": token})

    async def _endpoint(self, request: Request) -> Response:
        content = await request.body()
        document = json.loads(content) if content else None
        status, body = await run_in_threadpool(self._answer, request, document)
        return Response(status_code=status) if body is None else JSONResponse(body, status)

    def _answer(self, request: Request, document: Any) -> Answer:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._sessions:
            return 401, None
        with self.environment.lock:
            try:
                return self._dispatch(request, str(request.path_params["path"]), document)
            except ODataError as error:
                return error.status, _error(error.code, error.message)

    def _dispatch(self, request: Request, path: str, document: Any) -> Answer:
        if path == "WhoAmI":
            return 200, {"UserId": APPLICATION_ID}
        if match := _DEFINITION.fullmatch(path):
            return self._metadata(match[1], cast=match[2], whole="/Attributes" not in path)
        if request.method == "PATCH" and (match := _ONE_ROW.fullmatch(path)):
            return self.writes.update_one(self.tables.table(match[1]), match[2].lower(), document, request.headers)
        if request.method == "POST" and path.endswith("/Microsoft.Dynamics.CRM.UpdateMultiple"):
            return self.writes.update_all(self.tables.table(path.partition("/")[0]), document, request.headers)
        return self._query(request, self.tables.table(path))

    def _metadata(self, table: str, *, cast: str | None, whole: bool) -> Answer:
        if table not in self.tables.kinds:
            return 404, _error("0x80060888", f"Could not find an entity named {table}")
        if whole:
            return 200, self.tables.definition(table)
        return 200, {"value": self.tables.choices(table, cast) if cast else self.tables.attributes(table)}

    def _query(self, request: Request, table: str) -> Answer:
        options = dict(request.query_params)
        columns = self.tables.columns(table)
        if not self.reads_all:
            return 403, _error("0x80040220", f"Principal user is missing prvRead{table} privilege")
        if "$apply" in options:
            return self._aggregate(table, options["$apply"])
        names = [column(name, columns, table) for name in options["$select"].split(",")]
        if "$deltatoken" in options:
            return self._delta(request, table, names, options["$deltatoken"])
        prefer = request.headers.get("prefer", "")
        tracked = "odata.track-changes" in prefer
        if tracked and {"$filter", "$orderby", "$top", "$expand"} & options.keys():
            raise ODataError(400, "0x80060888", "Change tracking does not support these query options")
        if tracked and table not in self.tables.tracked:
            raise ODataError(400, "0x8004f504", f"Change tracking is not enabled for {table}")
        rows, more = self._page(table, options, prefer)
        answer: dict[str, Any] = {"value": [self.tables.wire(table, row, names) for row in rows]}
        if more:
            answer["@odata.nextLink"] = _link(request, options | {"$skiptoken": more})
        elif tracked:
            answer["@odata.deltaLink"] = _link(request, {"$select": options["$select"], "$deltatoken": self._now()})
        return 200, answer

    def _page(self, table: str, options: Mapping[str, str], prefer: str) -> tuple[list[Mapping[str, Any]], str]:
        """Return the rows of one page, and where the next one goes on: after the last row of this one."""
        columns, key = self.tables.columns(table), self.tables.keys[table]
        order = [column(name, columns, table) for name in options.get("$orderby", key).split(",")]
        condition = self._condition(table, options.get("$filter", ""))
        found = sorted(
            (row for row in self.tables.rows(table) if condition(row)),
            key=lambda row: [str(row[name]) for name in order],
        )
        if "$skiptoken" in options:
            last = json.loads(options["$skiptoken"])
            found = [row for row in found if [str(row[name]) for name in order] > last]
        size = re.search(r"odata\.maxpagesize=(\d+)", prefer)
        most = min(int(size[1]) if size else MOST_ROWS, self.page_rows)
        rows: list[Mapping[str, Any]] = list(found[:most])
        return rows, json.dumps([str(rows[-1][name]) for name in order]) if len(found) > most else ""

    def _condition(self, table: str, text: str) -> Condition:
        return ODataFilter(text, self.tables.columns(table), table).parse() if text else lambda _: True

    def _aggregate(self, table: str, text: str) -> Answer:
        match = _APPLY.fullmatch(text)
        if match is None:
            raise ODataError(400, "0x80060888", "this aggregate is not supported")
        condition = self._condition(table, match[1] or "")
        rows = sum(1 for row in self.tables.rows(table) if condition(row))
        if rows > self.most_aggregated:
            raise ODataError(400, "0x8004E023", "AggregateQueryRecordLimit exceeded.")
        return 200, {"value": [{match[2]: rows}]}

    def _now(self) -> str:
        return f"{self.environment.version}!{self.environment.clock.now().isoformat()}"

    def _delta(self, request: Request, table: str, names: list[str], token: str) -> Answer:
        """Return what changed since a delta link: rows in full, then deletions."""
        version, _, at = token.partition("!")
        begun = self.environment.clock.now() - timedelta(days=self.change_days)
        if at < begun.isoformat():
            message = "Version stamp associated with the client has expired. Please perform a full sync."
            raise ODataError(400, "0x80044352", message)
        changed = self.environment.changed.get(table, {})
        rows: list[dict[str, Any]] = [
            self.tables.wire(table, row, names)
            for row in self.tables.rows(table)
            if changed[row[self.tables.keys[table]]] > int(version)
        ]
        rows += [
            {"@odata.context": f"$metadata#{table}s/$deletedEntity", "id": key, "reason": "deleted"}
            for key, number in self.environment.deleted.get(table, {}).items()
            if number > int(version) and self.environment.of(table)[key].state is RecordState.DELETED
        ]
        begin = int(request.query_params.get("$skiptoken", "0"))
        answer: dict[str, Any] = {"value": rows[begin : begin + self.page_rows]}
        if begin + self.page_rows < len(rows):
            options = dict(request.query_params) | {"$skiptoken": str(begin + self.page_rows)}
            answer["@odata.nextLink"] = _link(request, options)
        else:
            select = request.query_params["$select"]
            answer["@odata.deltaLink"] = _link(request, {"$select": select, "$deltatoken": self._now()})
        return 200, answer


def peer(account: PeerAccount | None = None) -> DynamicsPeer:
    """Return a peer with an empty environment."""
    if account is None:
        account = DataverseAccount()
    assert isinstance(account, DataverseAccount), "change tracking is part of the account: use DataverseAccount"
    return DynamicsPeer(account)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _link(request: Request, options: Mapping[str, str]) -> str:
    return f"{str(request.base_url).rstrip('/')}{request.url.path}?{urlencode(options)}"
