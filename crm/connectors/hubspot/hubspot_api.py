"""Requests to HubSpot: credentials, versions, what its errors mean, and the pace of searches."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from crm.connectors.hubspot.settings import HubSpotSection
from crm.crm_http import CrmHttp, CrmRefusedError, DailyQuota, QuotaReachedError, json_object
from leadworth.http_client import HttpClient, retry_after
from leadworth.http_errors import BusyError, UnauthorisedError
from leadworth.oauth import OAuth2Token, refresh_form

if TYPE_CHECKING:
    import httpx2

ADDRESS = "https://api.hubapi.com"
WAITS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
"""Seconds to wait after too many requests, by the policy that was broken, where no Retry-After is given."""
BUSY = (423, 477)
"""Locked record; account on its way to another data centre."""


class HubSpotHttp(CrmHttp):
    """Requests with HubSpot's statuses."""

    def judge(self, answer: httpx2.Response) -> None:
        """Raise the error for an answer that means something particular in HubSpot.

        Raises
        ------
        UnauthorisedError
            403, with the scopes that the token lacks.
        QuotaReachedError
            429 because of the requests of the day.
        BusyError
            Any other 429, 423 and 477.
        """
        status = answer.status_code
        if status == 403:
            raise UnauthorisedError(f"HTTP 403 {error_code(json_object(answer))}")
        if status not in (429, *BUSY):
            return
        policy = str(json_object(answer).get("policyName", ""))
        if policy == "DAILY":
            raise QuotaReachedError("all requests of the account today")
        after = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
        if after is None and policy in WAITS:
            after = timedelta(seconds=WAITS[policy])
        raise BusyError(f"HTTP {status} {policy}".rstrip(), after)


class HubSpotApi:
    """Requests to one account.

    Parameters
    ----------
    http
        HTTP client.
    section
        Settings.
    sleep
        Waits for a number of seconds.
    """

    def __init__(self, http: HttpClient, section: HubSpotSection, sleep: Callable[[float], None] = time.sleep) -> None:
        base = section.endpoint or ADDRESS
        self._version = section.api_version
        self._pace = SearchPace(section.searches_per_second, sleep)
        self._token = section.token.get_secret_value
        renew = None
        if refresh := section.refresh_token.get_secret_value():
            client, secret = section.client_id, section.client_secret.get_secret_value()
            url = f"{base.rstrip('/')}/oauth/{section.oauth_version}/token"
            oauth = OAuth2Token(http, url, lambda: refresh_form(client, secret, refresh), lifetime_seconds=1800.0)
            self._token, renew = oauth.token, oauth.forget
        self.http = HubSpotHttp(
            http,
            base,
            lambda: {"Authorization": f"Bearer {self._token()}"},
            renew=renew,
            read_quota=read_quota,
            quota_share=section.quota_share,
            own=(403, 429),
        )

    def path(self, kind: str, *parts: str) -> str:
        """Return a path of the configured version, such as `crm/objects/2026-09/contacts`."""
        return "/".join(("crm", kind, self._version, *parts))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at a path; see `send`."""
        return self.send("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any], params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Post a JSON object and return the one of the answer; see `send`."""
        return self.send("POST", path, body=body, params=params)

    def search(self, object_name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a search, at the pace that HubSpot allows; see `send`."""
        self._pace.wait()
        return self.post(self.path("objects", object_name, "search"), body)

    def send(self, method: str, path: str, *, own: Collection[int] = (), **options: Any) -> dict[str, Any]:
        """Send a request and return the JSON object of the answer.

        Parameters
        ----------
        own
            Statuses from 400 whose body is returned.

        Raises
        ------
        CrmRefusedError
            For any other status from 400, once repetitions have failed.
        """
        answer = self.http.request(method, path, **options)
        content = json_object(answer)
        if answer.status_code >= 400 and answer.status_code not in own:
            trace = f"(HTTP {answer.status_code}), correlation id {content.get('correlationId', 'none given')}"
            raise CrmRefusedError("HubSpot", error_code(content), trace, answer.status_code)
        return content


class SearchPace:
    """Waits so that no more than a number of searches are sent in a second.

    Parameters
    ----------
    per_second
        Searches in a second.
    sleep
        Waits for a number of seconds.
    """

    WINDOW_SECONDS = 1.05  # a little more than a second, because requests travel for different times

    def __init__(self, per_second: int, sleep: Callable[[float], None]) -> None:
        self._sent: deque[float] = deque(maxlen=per_second)
        self._sleep = sleep

    def wait(self) -> None:
        """Wait until another search may be sent, and count it."""
        if len(self._sent) == self._sent.maxlen:
            wait = self._sent[0] + self.WINDOW_SECONDS - time.monotonic()
            if wait > 0:
                self._sleep(wait)
        self._sent.append(time.monotonic())


def read_quota(headers: Mapping[str, str]) -> DailyQuota | None:
    """Return the quota of the day that the headers of an answer state; answers to searches state none.

    Examples
    --------
    >>> read_quota({"x-hubspot-ratelimit-daily": "650000", "x-hubspot-ratelimit-daily-remaining": "649000"})
    DailyQuota(limit=650000, remaining=649000)
    """
    try:
        return DailyQuota(
            int(headers["x-hubspot-ratelimit-daily"]), int(headers["x-hubspot-ratelimit-daily-remaining"])
        )
    except (KeyError, ValueError):
        return None


def error_code(error: Mapping[str, Any]) -> str:
    """Return category, sub-category, codes, properties and scopes of an error; values of records are left out.

    Examples
    --------
    >>> context = {"propertyName": ["lw_band"]}
    >>> error_code({"category": "VALIDATION_ERROR", "errors": [{"code": "INVALID_OPTION", "context": context}]})
    'VALIDATION_ERROR INVALID_OPTION lw_band'
    """
    parts = [error.get("category"), error.get("subCategory")]
    for item in (error, *(error.get("errors") or [])):
        context = item.get("context") or {}
        named = (context.get(key) for key in ("propertyName", "requiredGranularScopes", "requiredScopes"))
        parts += [item.get("code"), *(name for names in named for name in names or ())]
    return " ".join(dict.fromkeys(str(part) for part in parts if part)) or "no category"
