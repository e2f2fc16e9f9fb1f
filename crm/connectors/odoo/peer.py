"""Local peer of Odoo: one database by JSON-2 and by JSON-RPC."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from crm.connectors.odoo.odoo_account import STAGES, OdooAccount
from crm.connectors.odoo.odoo_domain import OdooFault
from crm.connectors.odoo.odoo_methods import OF_RECORDS, OUR_USER, PARAMETERS, OdooMethods
from crm.connectors.odoo.odoo_models import OdooField
from crm.connectors.odoo.odoo_rows import OdooRows
from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerAccount

if TYPE_CHECKING:
    from starlette.requests import Request

KEY, DATABASE, LOGIN = "peer-key", "peer", "leadworth@example.org"
FIRST_JSON2 = 19
KEY_LIFE = timedelta(days=90)
"""Longest life of a key of JSON-2."""


class OdooPeer(CrmPeer):
    """A database on this machine.

    Parameters
    ----------
    account
        Records of the database.
    version
        Main number of Odoo's version; before 19 there is no JSON-2.

    Attributes
    ----------
    methods
        Methods of the database, with the rights of our user.
    keys
        Keys that are valid.
    conflicts
        Number of the next calls that meet another transaction and are undone.
    calls
        Model, method and context of each call.
    """

    name = "odoo"
    open_stages = tuple(str(key) for key, (_, won) in STAGES.items() if not won)
    won_stage = next(str(key) for key, (_, won) in STAGES.items() if won)
    lost_stage = "lost"
    junk_status = ("lost_reason_id/name", "Not a real lead")
    company_fields: ClassVar[Mapping[str, str]] = {"name": "name", "domain": "website"}

    def __init__(self, account: OdooAccount, version: int = 19) -> None:
        super().__init__(account)
        self.database = account
        self.version = version
        self.rows = OdooRows(account, version)
        self.methods = OdooMethods(self.rows)
        self.keys = {KEY}
        self.conflicts = 0
        self.calls: list[tuple[str, str, Mapping[str, Any]]] = []
        end = (account.clock.now() + KEY_LIFE).isoformat()
        account.create("res.users.apikeys", {"name": "leadworth", "user_id": OUR_USER, "expiration_date": end})

    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings with which leadworth connects to this peer."""
        return {"endpoint": address, "key": KEY, "database": DATABASE, "login": LOGIN}

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom text fields as an administrator does, and return name -> name in requests."""
        created = {name: f"x_{name}" for name in names}
        self.rows.models[object_name] |= {name: OdooField("char", label=name) for name in created.values()}
        return created

    def app(self) -> Starlette:
        """Return the application that answers as Odoo does."""
        return Starlette(
            routes=[
                Route("/web/version", self._version, methods=["GET"]),
                Route("/json/2/{model}/{method}", self._json2, methods=["POST"]),
                Route("/jsonrpc", self._jsonrpc, methods=["POST"]),
            ]
        )

    async def _version(self, request: Request) -> Response:
        del request
        if self.version < FIRST_JSON2:
            return HTMLResponse("<h1>Not Found</h1>", 404)
        return JSONResponse({"version": f"{self.version}.0", "version_info": [self.version, 0, 0, "final", 0, ""]})

    async def _json2(self, request: Request) -> Response:
        content = await request.body()
        try:
            return JSONResponse(await run_in_threadpool(self._answer_json2, request, json.loads(content)))
        except OdooFault as fault:
            return JSONResponse(_error(fault), fault.status)

    def _answer_json2(self, request: Request, body: dict[str, Any]) -> Any:
        if self.version < FIRST_JSON2:
            raise OdooFault("werkzeug.exceptions.NotFound", "not found", 404)
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or key not in self.keys:
            raise OdooFault("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401)
        if request.headers.get("x-odoo-database", DATABASE) != DATABASE:
            raise OdooFault("werkzeug.exceptions.NotFound", "no such database", 404)
        model, method = request.path_params["model"], request.path_params["method"]
        ids = body.pop("ids", ())
        if ids and method not in OF_RECORDS:
            raise OdooFault("werkzeug.exceptions.UnprocessableEntity", f"cannot call {model}.{method} with ids", 422)
        return self._call(model, method, ids, body.pop("context", {}), body)

    async def _jsonrpc(self, request: Request) -> Response:
        body = json.loads(await request.body())
        answer = {"jsonrpc": "2.0", "id": body["id"]}
        try:
            return JSONResponse(answer | {"result": await run_in_threadpool(self._answer_jsonrpc, body["params"])})
        except OdooFault as fault:
            error = {"code": 200, "message": "Odoo Server Error", "data": _error(fault)}
            return JSONResponse(answer | {"error": error})

    def _answer_jsonrpc(self, params: Mapping[str, Any]) -> Any:
        service, method, arguments = params["service"], params["method"], params["args"]
        if (service, method) == ("common", "version"):
            return {"server_version": f"{self.version}.0", "server_version_info": [self.version, 0, 0, "final", 0, ""]}
        if service == "common" and method in ("authenticate", "login"):
            database, login, key, *_ = arguments
            return OUR_USER if (database, login) == (DATABASE, LOGIN) and key in self.keys else False
        database, user, key, model, name, positional, named = arguments
        if (
            (service, method) != ("object", "execute_kw")
            or (database, user) != (DATABASE, OUR_USER)
            or key not in self.keys
        ):
            raise OdooFault("odoo.exceptions.AccessDenied", "Access Denied", 403)
        named = dict(named)
        context = named.pop("context", {})
        ids, *rest = positional if name in OF_RECORDS else ((), *positional)
        return self._call(model, name, ids, context, named | dict(zip(PARAMETERS.get(name, ()), rest, strict=False)))

    def _call(self, model: str, method: str, ids: Sequence[int], context: Mapping[str, Any], named: Any) -> Any:
        with self.database.lock:
            if self.conflicts:
                self.conflicts -= 1
                raise OdooFault("psycopg2.errors.SerializationFailure", "could not serialize access", 500)
            self.calls.append((model, method, context))
            return self.methods.call(model, method, ids, context, named)


def peer(account: PeerAccount | None = None) -> OdooPeer:
    """Return a peer of the newest version."""
    if account is None:
        account = OdooAccount()
    assert isinstance(account, OdooAccount), "leads leave messages and tracking: use OdooAccount"
    return OdooPeer(account)


def _error(fault: OdooFault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "message": fault.message,
        "arguments": [fault.message],
        "context": {},
        "debug": "Traceback (most recent call last): ...",
    }
