"""Calls to Odoo by JSON-2 (from version 19) or by JSON-RPC, and what its errors mean.

XML-RPC is not used: JSON-RPC is served by the same versions, calls the same service, and is one format less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crm.connectors.odoo.settings import OdooSection
from crm.crm_http import CrmHttp, CrmRefusedError, json_object
from leadworth.errors import ConfigurationError
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError

if TYPE_CHECKING:
    import httpx2

CONTEXT: Mapping[str, Any] = {"active_test": False, "lang": "en_US", "tz": "UTC"}
"""Sent with every call. Without `active_test: false` Odoo hides archived records, and a lost lead is archived. Names
come in one language, whoever the user is. Without `tz` an import reads times in the zone of the user."""
FIRST_JSON2, LAST_JSONRPC = 19, 21
ACCESS = "AccessError"
REFUSED_STATUSES = (400, 401, 403, 404, 422, 500)
_CREDENTIALS = frozenset(("Unauthorized", "AccessDenied", "SessionExpiredException", "Forbidden"))
_FOR_NOW = frozenset(
    ("OperationalError", "SerializationFailure", "DeadlockDetected", "LockNotAvailable", "TooManyRequests", "PoolError")
)


class OdooHttp(CrmHttp):
    """Requests with Odoo's errors: in JSON-RPC they come with the status 200."""

    def judge(self, answer: httpx2.Response) -> None:
        """Raise the error of an answer.

        Raises
        ------
        UnauthorisedError
            The key is wrong or expired, or the user may not do this.
        BusyError
            A transaction that met another one, and was undone.
        CrmRefusedError
            Any other refusal by Odoo.
        UnansweredError
            An error that is not Odoo's own, such as that of a proxy.
        """
        if answer.request.method == "GET":  # of the version only: an older server does not know its address
            return
        content = json_object(answer)
        if answer.status_code < 400:
            error = content.get("error")
            if error is None:
                return
            full = str((error.get("data") or {}).get("name", ""))
        else:
            full = str(content.get("name", ""))
        name = full.rpartition(".")[2]
        if name in _CREDENTIALS or (answer.status_code == 401 and not name):
            raise UnauthorisedError(name or "HTTP 401")
        if name == ACCESS:
            raise UnauthorisedError(ACCESS)
        if name in _FOR_NOW:
            raise BusyError(name)
        if not name and answer.status_code >= 500:
            raise UnansweredError(f"HTTP {answer.status_code}")
        raise CrmRefusedError("Odoo", name or f"HTTP {answer.status_code}")


class OdooApi:
    """Calls to one database.

    Parameters
    ----------
    http
        HTTP client.
    section
        Settings.
    """

    def __init__(self, http: HttpClient, section: OdooSection) -> None:
        self._section = section
        self._interface = "" if section.interface == "auto" else section.interface
        self._version: tuple[int, str] | None = None
        self._user: int | None = None
        self.http = OdooHttp(
            http, section.endpoint, self._headers, quota_share=section.quota_share, own=REFUSED_STATUSES
        )

    @property
    def interface(self) -> str:
        """Interface in use: `json2` or `jsonrpc`."""
        if not self._interface:
            self._interface = "json2" if self.version[0] >= FIRST_JSON2 else "jsonrpc"
        return self._interface

    @property
    def version(self) -> tuple[int, str]:
        """Version of the server: main number and text."""
        if self._version is None:
            self._version = self._read_version()
        return self._version

    @property
    def user(self) -> int:
        """Id of our user."""
        if self._user is None:
            if self.interface == "jsonrpc":
                given = self._section
                secret = given.key.get_secret_value()
                found = self._rpc("common", "authenticate", [given.database, given.login, secret, {}])
                if not found:
                    raise UnauthorisedError("login, database or key")
            else:
                found = self.call("res.users", "context_get")["uid"]
            self._user = int(found)
        return self._user

    def call(
        self,
        model: str,
        method: str,
        *,
        ids: Sequence[int] | None = None,
        domain: Sequence[Any] | None = None,
        context: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        """Call a method and return its value; each call is one transaction.

        Parameters
        ----------
        model, method
            What to call.
        ids
            Records that a method of records is called on; None: a method of the model.
        domain
            Conditions, in Odoo's prefix notation.
        context
            Added to the context of every call.
        named
            Further arguments of the method.

        Raises
        ------
        UnauthorisedError
            If the key is refused, or the user has no right to it (code `AccessError`).
        CrmRefusedError
            If Odoo refuses the call.
        """
        complete = {**CONTEXT, **(context or {})}
        if self.interface == "json2":
            body = {"context": complete, **named}
            body |= {} if ids is None else {"ids": list(ids)}
            body |= {} if domain is None else {"domain": list(domain)}
            return self.http.json("POST", f"json/2/{model}/{method}", body=body)
        # The parameter of `search` and `search_count` has another name up to Odoo 15: it goes by position.
        positional: list[Any] = [] if ids is None else [list(ids)]
        positional += [] if domain is None else [list(domain)]
        user, given = self.user, self._section
        arguments = [given.database, user, given.key.get_secret_value(), model, method, positional]
        return self._rpc("object", "execute_kw", [*arguments, {**named, "context": complete}])

    def _rpc(self, service: str, method: str, arguments: list[Any]) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": self.http.requests + 1, "params": params}
        answer = self.http.json("POST", "jsonrpc", body=body)
        if not isinstance(answer, dict) or "result" not in answer:
            raise UnansweredError("no result")
        return answer["result"]

    def _read_version(self) -> tuple[int, str]:
        """Return the version; a server before 19 has no address for it and states it by JSON-RPC."""
        content = json_object(self.http.request("GET", "web/version"))
        if "version_info" not in content:
            content = self._rpc("common", "version", [])
        text = str(content.get("server_version") or content.get("version") or "")
        info = content.get("version_info") or content.get("server_version_info") or [0]
        number = str(info[0]).rpartition("~")[2]  # Odoo Online: `saas~18`
        return (int(number) if number.isdecimal() else 0), text

    def _headers(self) -> Mapping[str, str]:
        if not self._section.endpoint:
            raise ConfigurationError(
                "[crm.odoo] has no endpoint",
                do='set it to the address of your Odoo, such as "https://COMPANY.odoo.com"',
            )
        if self._interface != "json2":
            return {}
        database = self._section.database
        named = {"X-Odoo-Database": database} if database else {}
        return {"Authorization": f"bearer {self._section.key.get_secret_value()}", **named}
