"""Requests to Zoho CRM: credentials, errors by what they mean, and the credits of 24 hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from crm.connectors.zoho.settings import ZohoSection
from crm.connectors.zoho.zoho_token import ZohoToken, accounts_server
from crm.crm_http import CrmHttp, CrmRefusedError, QuotaReachedError, json_object
from leadworth.http_client import HttpClient
from leadworth.http_errors import BusyError, UnauthorisedError

if TYPE_CHECKING:
    import httpx2

EXPIRED = frozenset({"INVALID_TOKEN", "AUTHENTICATION_FAILURE", ""})
"""Codes that a new access token may cure, and none; others of the same status mean a missing scope or right."""


class ZohoHttp(CrmHttp):
    """Requests with Zoho's codes."""

    def judge(self, answer: httpx2.Response) -> None:
        """Raise the error for a refused token; any other 401 or 403 is the caller's.

        Raises
        ------
        UnauthorisedError
            If the access token is not valid (any longer).
        """
        if answer.status_code == 401 and (code := str(json_object(answer).get("code", ""))) in EXPIRED:
            raise UnauthorisedError(f"HTTP 401 {code}".rstrip())


class ZohoApi:
    """Requests to one account.

    Parameters
    ----------
    http
        HTTP client.
    section
        Settings.

    Attributes
    ----------
    http
        The connection, with the number of requests.
    credits
        Credits used since the connection was opened.
    """

    def __init__(self, http: HttpClient, section: ZohoSection) -> None:
        self._token = ZohoToken(http, section)
        self._version = section.api_version
        self._share = max(int(section.daily_credits * section.quota_share), 1)
        self.credits = 0
        self.http = ZohoHttp(
            http, accounts_server(section), self._headers, renew=self._token.forget, own=(401, 403, 304)
        )

    def get(
        self, path: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the JSON object at a path; empty where Zoho has nothing. See `send`."""
        return self.send("GET", path, params=params, headers=headers or {})[1]

    def send(
        self, method: str, path: str, *, credits_used: int = 1, own: Collection[int] = (), **options: Any
    ) -> tuple[int, dict[str, Any]]:
        """Send a request and return status and JSON object of the answer; 204 and 304 have an empty object.

        Parameters
        ----------
        path
            Path below the version.
        credits_used
            Credits that one attempt costs.
        own
            Statuses from 400 that are returned.

        Raises
        ------
        QuotaReachedError
            If the run's share of the credits is used, or Zoho refuses every repetition for too many requests.
        CrmRefusedError
            If Zoho refuses.
        """
        if self.credits + credits_used > self._share:
            raise QuotaReachedError(f"{self.credits:,} credits used of {self._share:,} for a run")
        before = self.http.requests
        try:
            answer = self.http.request(method, f"crm/{self._version}/{path}", **options)
        except BusyError as error:
            if error.code != "HTTP 429":
                raise
            # The same code for the credits of 24 hours and for too many calls at once: the second would have ended.
            raise QuotaReachedError("Zoho refuses every repetition with TOO_MANY_REQUESTS") from None
        finally:
            self.credits += credits_used * (self.http.requests - before)
        content = json_object(answer)
        if answer.status_code not in own and (answer.status_code >= 400 or _is_error(content)):
            raise refusal(answer.status_code, content)
        return answer.status_code, content

    def _headers(self) -> dict[str, str]:
        held = self._token.held()
        self.http.base = held.api_domain or self.http.base
        return {"Authorization": f"Zoho-oauthtoken {held.token}"}


def refusal(status: int, content: Mapping[str, Any]) -> CrmRefusedError:
    """Return the error of a refusal, with the column or parameter that Zoho names.

    Examples
    --------
    >>> refusal(400, {"code": "INVALID_QUERY", "details": {"column_name": "Colour"}}).about
    'Colour'
    """
    code = str(content.get("code") or f"HTTP {status}")
    details = content.get("details")
    named = details if isinstance(details, Mapping) else {}
    about = [str(named[key]) for key in ("column_name", "param_name", "api_name") if named.get(key)]
    do = ""
    if code in ("OAUTH_SCOPE_MISMATCH", "NO_PERMISSION"):
        do = "create a refresh token with the scopes of docs/how-to/crm-zoho.md, as a user who may see all records"
    if code == "INVALID_MODULE":
        do = "name modules that the account does not have as ignored_modules in [crm.zoho]"
    return CrmRefusedError("Zoho", code, " ".join(about), status, do=do)


def _is_error(content: Mapping[str, Any]) -> bool:
    return content.get("status") == "error" and "code" in content
