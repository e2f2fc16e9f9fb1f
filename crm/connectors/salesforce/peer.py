"""Local peer of Salesforce: sign-in, queries, bulk jobs, the log of deletions and writes of one org."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.connectors.salesforce.peer_bulk import BulkJobs
from crm.connectors.salesforce.peer_sign_in import SignIn
from crm.connectors.salesforce.peer_writes import SalesforceWrites
from crm.connectors.salesforce.salesforce_account import STAGES, SalesforceAccount
from crm.connectors.salesforce.salesforce_rows import SalesforceRows
from crm.connectors.salesforce.soql_parser import SoqlError, SoqlParser, object_of, projected
from crm.sandbox.crm_peer import CrmPeer
from crm.sandbox.peer_account import PeerAccount
from leadworth.crm_records import RecordState

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

VERSIONS = ("65.0", "66.0", "67.0")
LONGEST_URL = 16_384
LOG_DAYS = 15
"""How far back the log of deletions reaches."""
Answer = tuple[int, Any, Mapping[str, str]]


class SalesforcePeer(CrmPeer):
    """An org on this machine.

    Parameters
    ----------
    account
        Records of the org.
    currency
        The org's only currency; empty: it has several.

    Attributes
    ----------
    daily_limit, used
        Requests of 24 hours: allowed, and used.
    page_rows
        Rows of a page; Salesforce makes pages of long rows shorter.
    latest_covered_lag
        How far the log of deletions is behind.
    earliest_deletion
        Object -> time before which the log of deletions was purged.
    """

    name = "salesforce"
    open_stages = tuple(name for name, (closed, *_) in STAGES.items() if not closed)
    won_stage, lost_stage = "Closed Won", "Closed Lost"
    junk_status = ("Status", "Closed - Not Converted")

    def __init__(self, account: SalesforceAccount, currency: str = "") -> None:
        super().__init__(account)
        self.org = account
        self.daily_limit, self.used = 150_000, 0
        self.page_rows = 2_000
        self.latest_covered_lag = timedelta(0)
        self.earliest_deletion: dict[str, datetime] = {}
        self.rows = SalesforceRows(account, currency)
        self.writes = SalesforceWrites(account, self.rows)
        self.jobs = BulkJobs(partial(self._select, everything=False), partial(self._select, everything=True))
        self.sign_in = SignIn(_app_key().public_key(), account.clock)
        self._cursors: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.RLock()

    def settings(self, address: str) -> Mapping[str, str]:
        """Return the settings with which leadworth signs in by a private key."""
        pem = _app_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "endpoint": address,
            "username": self.sign_in.username,
            "consumer_key": self.sign_in.consumer_key,
            "private_key": pem.decode(),
        }

    def lift_limits(self) -> None:
        """Refuse no more requests because of their number."""
        self.daily_limit = 1_000_000_000

    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return what an overloaded org answers; it names no time to wait."""
        return 503, {}, json.dumps(_errors("SERVER_UNAVAILABLE", "too busy")).encode()

    def create_fields(self, object_name: str, names: Sequence[str]) -> Mapping[str, str]:
        """Create custom text fields as an administrator does, and return name -> name in requests."""
        created = {name: f"{name}__c" for name in names}
        self.rows.kinds[object_name] |= dict.fromkeys(created.values(), "string")
        return created

    def remove_field(self, object_name: str, field: str) -> None:
        """Remove a field, or our user's access to it: Salesforce answers the same."""
        del self.rows.kinds[object_name][field]

    def app(self) -> Starlette:
        """Return the application that answers as Salesforce does."""
        base = "/services/data/v{version}"
        routes: list[tuple[str, str, Callable[[Request, Any], Answer]]] = [
            ("/services/data", "GET", self._versions),
            (f"{base}/limits", "GET", self._limits),
            (f"{base}/query", "GET", partial(self._query, everything=False)),
            (f"{base}/query/", "GET", partial(self._query, everything=False)),
            (f"{base}/queryAll", "GET", partial(self._query, everything=True)),
            (f"{base}/queryAll/", "GET", partial(self._query, everything=True)),
            (f"{base}/query/{{cursor}}", "GET", self._more),
            (f"{base}/sobjects/{{object}}/describe", "GET", self._describe),
            (f"{base}/sobjects/{{object}}/deleted/", "GET", self._deleted),
            (f"{base}/composite/sobjects", "PATCH", self._update),
            (f"{base}/jobs/query", "POST", self._create_job),
            (f"{base}/jobs/query/{{job}}", "GET", self._job),
            (f"{base}/jobs/query/{{job}}/results", "GET", self._results),
        ]
        token = Route("/services/oauth2/token", self._token, methods=["POST"])
        return Starlette(
            routes=[token, *(Route(path, self._guarded(call), methods=[method]) for path, method, call in routes)]
        )

    def _guarded(self, call: Callable[[Request, Any], Answer]) -> Callable[[Request], Any]:
        """Return an endpoint that checks session, daily limit and length of the address first."""

        async def endpoint(request: Request) -> Response:
            content = await request.body()
            document = json.loads(content) if content else None
            status, body, headers = await run_in_threadpool(self._answer, call, request, document)
            headers = {"Sforce-Limit-Info": f"api-usage={self.used}/{self.daily_limit}", **headers}
            if isinstance(body, bytes):
                return Response(body, status, headers, media_type="text/csv; charset=UTF-8")
            return JSONResponse(body, status, headers)

        return endpoint

    def _answer(self, call: Callable[[Request, Any], Answer], request: Request, document: Any) -> Answer:
        with self._lock, self.org.lock:
            if len(str(request.url)) > LONGEST_URL:
                return 414, _errors("URI_TOO_LONG", "The request URI is too long"), {}
            if not self.sign_in.is_valid(request.headers.get("authorization", "")):
                return 401, _errors("INVALID_SESSION_ID", "Session expired or invalid"), {}
            if self.used >= self.daily_limit:
                return 403, _errors("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), {}
            self.used += 1
            version = request.path_params.get("version", VERSIONS[-1])
            if version not in VERSIONS:
                return 404, _errors("NOT_FOUND", "The requested resource does not exist"), {}
            try:
                return call(request, document)
            except SoqlError as error:
                return 404 if error.code == "NOT_FOUND" else 400, _errors(error.code, error.message), {}

    async def _token(self, request: Request) -> Response:
        status, body = self.sign_in.answer((await request.body()).decode(), str(request.base_url).rstrip("/"))
        return JSONResponse(body, status)

    def _versions(self, request: Request, document: Any) -> Answer:
        del request, document
        return 200, [{"label": "", "url": f"/services/data/v{version}", "version": version} for version in VERSIONS], {}

    def _limits(self, request: Request, document: Any) -> Answer:
        del request, document
        return 200, {"DailyApiRequests": {"Max": self.daily_limit, "Remaining": self.daily_limit - self.used}}, {}

    def _select(self, soql: str, *, everything: bool) -> tuple[dict[str, str], list[str], list[dict[str, Any]]]:
        """Return the types of the object, the columns and the rows of a query."""
        object_name = object_of(soql)
        kinds = self.rows.kinds_of(object_name)
        query = SoqlParser(soql, kinds).parse()
        rows = self.rows.rows(query.object, everything=everything, pins=query.pinned, bounds=query.bounds)
        found = query.run(rows)
        if query.is_count:
            return {}, [], [dict(row) for row in found]
        return dict(kinds), query.fields, projected(query, found)

    def _query(self, request: Request, document: Any, *, everything: bool) -> Answer:
        del document
        soql = request.query_params["q"]
        kinds, columns, rows = self._select(soql, everything=everything)
        if not columns:
            return 200, {"totalSize": len(rows), "done": True, "records": []}, {}
        object_name = object_of(soql)
        records = [
            {"attributes": {"type": object_name, "url": f"/services/data/v67.0/sobjects/{object_name}/{row.get('Id')}"}}
            | _nested({name: _json(row[name], kinds[name]) for name in columns})
            for row in rows
        ]
        cursor = f"01g5e{len(self._cursors):010d}"
        self._cursors[cursor] = records
        return 200, self._records(cursor, 0), {}

    def _more(self, request: Request, document: Any) -> Answer:
        del document
        cursor, _, begin = str(request.path_params["cursor"]).rpartition("-")
        if cursor not in self._cursors:
            return 400, _errors("INVALID_QUERY_LOCATOR", "invalid query locator"), {}
        return 200, self._records(cursor, int(begin)), {}

    def _records(self, cursor: str, begin: int) -> dict[str, Any]:
        records, end = self._cursors[cursor], begin + self.page_rows
        answer = {"totalSize": len(records), "done": end >= len(records), "records": records[begin:end]}
        if end < len(records):
            answer["nextRecordsUrl"] = f"/services/data/v67.0/query/{cursor}-{end}"
        else:
            del self._cursors[cursor]
        return answer

    def _describe(self, request: Request, document: Any) -> Answer:
        del document
        object_name = request.path_params["object"]
        if object_name not in self.rows.kinds:
            return 404, _errors("NOT_FOUND", "The requested resource does not exist"), {}
        return 200, {"name": object_name, "fields": self.writes.described(object_name)}, {}

    def _deleted(self, request: Request, document: Any) -> Answer:
        del document
        object_name = request.path_params["object"]
        now = self.org.clock.now()
        # Salesforce ignores the seconds of both times.
        start, end = (
            datetime.fromisoformat(request.query_params[name]).astimezone(UTC).replace(second=0)
            for name in ("start", "end")
        )
        if start >= end or start < now - timedelta(days=LOG_DAYS):
            return 400, _errors("INVALID_REPLICATION_DATE", "startDate before the log of deletions"), {}
        covered = min(now - self.latest_covered_lag, end)
        log = self.org.deleted_at.get(object_name, {})
        earliest = self.earliest_deletion.get(object_name, now - timedelta(days=LOG_DAYS))
        records = [
            {"id": key, "deletedDate": _moment(at)}
            for key, at in log.items()
            if max(start, earliest) <= at <= covered and not self._is_live(object_name, key)
        ]
        return (
            200,
            {
                "deletedRecords": records,
                "earliestDateAvailable": _moment(earliest),
                "latestDateCovered": _moment(covered),
            },
            {},
        )

    def _is_live(self, object_name: str, key: str) -> bool:
        record = self.org.of(object_name).get(key)
        return record is not None and record.state is RecordState.LIVE

    def _update(self, request: Request, document: Any) -> Answer:
        status, body = self.writes.update(document, assign=request.headers.get("sforce-auto-assign", "TRUE"))
        return status, body, {}

    def _create_job(self, request: Request, document: Any) -> Answer:
        return 200, self.jobs.create(document, request.path_params["version"]), {}

    def _job(self, request: Request, document: Any) -> Answer:
        del document
        return 200, self.jobs.state(request.path_params["job"], request.path_params["version"]), {}

    def _results(self, request: Request, document: Any) -> Answer:
        del document
        params = request.query_params
        content, headers = self.jobs.results(
            request.path_params["job"], request.path_params["version"], int(params["maxRecords"]), params.get("locator")
        )
        return 200, content, headers


def peer(account: PeerAccount | None = None) -> SalesforcePeer:
    """Return a peer with several currencies."""
    if account is None:
        account = SalesforceAccount()
    assert isinstance(account, SalesforceAccount), "an org has ids of its own form: use SalesforceAccount"
    return SalesforcePeer(account)


@cache
def _app_key() -> rsa.RSAPrivateKey:
    """Return the key of the app's certificate, one for the process: making it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _errors(code: str, message: str) -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code}]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000+0000"


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with those of a parent, such as `Lead.CreatedDate`, in an object of their own."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        parent, _, field = name.rpartition(".")
        (result.setdefault(parent, {}) if parent else result)[field] = value
    return result


def _json(value: Any, kind: str) -> Any:
    """Return a value as JSON answers hold it."""
    if isinstance(value, datetime):
        return _moment(value)
    if kind == "address":
        return {"street": None, "city": None, "country": None}
    return value
