"""Requests to Pipedrive: credentials, what they cost in tokens, and what its errors mean."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from crm.connector import StaleCursorError
from crm.connectors.pipedrive.settings import PipedriveSection
from crm.crm_http import CrmHttp, CrmRefusedError, DailyQuota, QuotaReachedError, json_object
from leadworth.http_client import HttpClient, retry_after
from leadworth.http_errors import BusyError, UnansweredError, UnauthorisedError
from leadworth.http_retry import LONGEST_WAIT_SECONDS
from leadworth.oauth import OAuth2Token, refresh_form

if TYPE_CHECKING:
    import httpx2

ADDRESS = "https://api.pipedrive.com"
DAY_LIMIT, DAY_LEFT = "x-daily-ratelimit-token-limit", "x-daily-ratelimit-token-remaining"
WINDOW_LEFT, WINDOW_RESET = "x-ratelimit-remaining", "x-ratelimit-reset"
WINDOW_SECONDS = 2.0
"""Length of the window in which Pipedrive counts requests."""
PAGE = 500

_READ, _LISTED, _WRITTEN = 1, 10, 5
_SMALL_LISTS = ("pipelines", "stages")


class PipedriveHttp(CrmHttp):
    """Requests with Pipedrive's statuses, costs and window of requests.

    A window without requests left is waited for: Pipedrive blocks the address of one who meets its limit too often.
    """

    unit: ClassVar[str] = "tokens"
    _free_at = 0.0

    def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Wait until the window has requests left, then send a request; see `CrmHttp.request`."""
        if (wait := self._free_at - time.monotonic()) > 0:
            time.sleep(wait)
        return super().request(method, path, **options)

    def cost(self, method: str, path: str) -> int:
        """Return the tokens of a request."""
        return token_cost(method, path)

    def judge(self, answer: httpx2.Response) -> None:
        """Raise the error for an answer that means something particular in Pipedrive.

        Raises
        ------
        QuotaReachedError
            429 because the tokens of the day are used, and 403 without a document: the address is blocked for now.
        BusyError
            Any other 429.
        """
        reset = retry_after(answer.headers.get(WINDOW_RESET), datetime.now(UTC))
        if answer.headers.get(WINDOW_LEFT) == "0":
            seconds = WINDOW_SECONDS if reset is None else reset.total_seconds()
            self._free_at = time.monotonic() + min(seconds, LONGEST_WAIT_SECONDS)
        if answer.status_code == 403 and not json_object(answer):
            raise QuotaReachedError("Pipedrive blocks us for a while after too many requests")
        if answer.status_code != 429:
            return
        if answer.headers.get(DAY_LEFT) == "0":
            raise QuotaReachedError("all tokens of the account today")
        after = retry_after(answer.headers.get("retry-after"), datetime.now(UTC)) or reset
        raise BusyError("HTTP 429", timedelta(seconds=WINDOW_SECONDS) if after is None else after)


class PipedriveApi:
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
        The connection, with the number of requests and the tokens that they cost.
    """

    def __init__(self, http: HttpClient, section: PipedriveSection) -> None:
        self._daily = section.daily_tokens
        self._refresh = section.refresh_token.get_secret_value()
        token = section.token.get_secret_value()
        renew = None
        headers = lambda: {"x-api-token": token}  # noqa: E731
        if self._refresh:
            pair = f"{section.client_id}:{section.client_secret.get_secret_value()}"
            oauth = OAuth2Token(
                http,
                section.oauth_url,
                lambda: refresh_form("", "", self._refresh),
                headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
                on_answer=self._granted,
            )
            headers = lambda: {"Authorization": f"Bearer {oauth.token()}"}  # noqa: E731
            renew = oauth.forget
        self.http = PipedriveHttp(
            http,
            section.endpoint or ADDRESS,
            headers,
            renew=renew,
            read_quota=self._quota,
            quota_share=section.quota_share,
            own=(403, 429),
        )

    def get(self, path: str, params: Mapping[str, str] | None = None, *, own: Collection[int] = ()) -> dict[str, Any]:
        """Return the JSON object at a path such as `v2/deals`; see `send`."""
        return self.send("GET", path, params=params, own=own)

    def send(self, method: str, path: str, *, own: Collection[int] = (), **options: Any) -> dict[str, Any]:
        """Send a request and return the JSON object of the answer.

        Parameters
        ----------
        own
            Statuses from 400 whose body is returned.

        Raises
        ------
        UnauthorisedError
            403, with the reason that Pipedrive gives.
        CrmRefusedError
            For any other status from 400, once repetitions have failed.
        """
        answer = self.http.request(method, f"api/{path}", **options)
        content = json_object(answer)
        status = answer.status_code
        if status >= 400 and status not in own:
            refused = CrmRefusedError("Pipedrive", refusal_code(status, content), status=status)
            raise UnauthorisedError(refused.code) if status == 403 else refused
        if status < 400 and "data" not in content:
            raise UnansweredError("no document of Pipedrive")
        return content

    def listed(
        self, path: str, params: Mapping[str, str], *, limit: int = PAGE, cursor: str = ""
    ) -> Iterator[tuple[list[dict[str, Any]], str]]:
        """Yield the pages of a list with a cursor, each with the cursor of the next one; the last one has none.

        Raises
        ------
        StaleCursorError
            If Pipedrive refuses the cursor that was given.
        """
        given = cursor
        while True:
            try:
                asked = {**params, "limit": str(limit), **({"cursor": cursor} if cursor else {})}
                answer = self.get(path, asked)
            except CrmRefusedError as error:
                if given and cursor == given and error.status == 400:
                    raise StaleCursorError(f"Pipedrive does not know a cursor of {path}", do=str(error)) from None
                raise
            cursor = str((answer.get("additional_data") or {}).get("next_cursor") or "")
            yield answer["data"] or [], cursor
            if not cursor:
                return

    def everything(self, path: str, params: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return all items of a list with a cursor that is small."""
        return [item for page, _ in self.listed(path, params or {}) for item in page]

    def _granted(self, answer: Mapping[str, Any]) -> None:
        """Note the address of the account, and the refresh token where it was replaced."""
        self.http.base = str(answer.get("api_domain") or self.http.base)
        self._refresh = str(answer.get("refresh_token") or self._refresh)

    def _quota(self, headers: Mapping[str, str]) -> DailyQuota:
        """Return the tokens of the day; without headers, those of the settings, less what this run took."""
        try:
            return DailyQuota(int(headers[DAY_LIMIT]), int(headers[DAY_LEFT]))
        except (KeyError, ValueError):
            known = self.http.quota
            if known is not None and known.limit != self._daily:
                return known  # some answers leave the headers out
            return DailyQuota(self._daily, max(self._daily - self.http.spent, 0))


def token_cost(method: str, path: str) -> int:
    """Return the tokens that a request takes from the account's budget of the day; version 1 costs twice as much.

    Examples
    --------
    >>> token_cost("GET", "api/v2/deals/7"), token_cost("GET", "api/v2/deals"), token_cost("PATCH", "api/v1/leads/a-b")
    (1, 10, 10)
    >>> token_cost("GET", "api/v1/leads"), token_cost("GET", "api/v1/deals/7/changelog")
    (20, 20)
    """
    parts = [part for part in urlsplit(path).path.split("/") if part]
    version = next((part for part in parts if part in ("v1", "v2")), "v2")
    rest = parts[parts.index(version) + 1 :] if version in parts else parts
    if method != "GET":
        cost = _WRITTEN
    elif rest[-1] in _SMALL_LISTS:
        cost = _LISTED // 2
    elif rest[-1] == "archived" and version == "v2":
        cost = 2 * _LISTED
    elif rest[-1] == "me" or (len(rest) == 2 and rest[-1] != "archived"):
        cost = _READ
    else:
        cost = _LISTED
    return cost * (2 if version == "v1" else 1)


def refusal_code(status: int, content: Mapping[str, Any]) -> str:
    """Return status, code and field of a refusal; values of records are left out.

    Examples
    --------
    >>> refusal_code(400, {"error": "Validation failed: 7: x@example.org is not a number", "code": "ERR_SCHEMA"})
    'HTTP 400 ERR_SCHEMA'
    >>> refusal_code(403, {"error": "Scope and URL mismatch"}), refusal_code(400, {"field_code": "lost_reason"})
    ('HTTP 403 Scope and URL mismatch', 'HTTP 400 lost_reason')
    """
    error = str(content.get("error") or "")
    plain = error if re.fullmatch(r"[A-Za-z ]{1,60}", error) else ""
    parts = [f"HTTP {status}", content.get("code") or plain, content.get("field_code")]
    return " ".join(str(part) for part in parts if part)
