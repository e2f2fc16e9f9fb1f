"""Requests to a CRM: credentials, repetitions with the wait that the server names, and the share of the day's quota."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from leadworth.errors import TerminalError, TransientError
from leadworth.http_client import HttpClient
from leadworth.http_errors import UnansweredError, UnauthorisedError
from leadworth.http_retry import attempts

if TYPE_CHECKING:
    import httpx2

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class QuotaReachedError(TransientError):
    """The share of the day's requests is used up; what was stored stays, and the next run goes on.

    Parameters
    ----------
    code
        What was reached.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the CRM's quota of requests: {code}", do="run again later; nothing is lost")


@dataclass(frozen=True)
class DailyQuota:
    """Requests of an account in a day.

    Attributes
    ----------
    limit
        Requests that the account has in a day.
    remaining
        Requests that are left, of all applications together.
    """

    limit: int
    remaining: int


class CrmRefusedError(TerminalError):
    """A CRM refused a request that it would refuse again.

    Parameters
    ----------
    crm
        Name of the CRM for people.
    code
        Its code of the refusal, without values of records.
    about
        What else it says, such as the field that is refused.
    status
        HTTP status; 0: the answer had none of an error.
    do
        What to do.

    Attributes
    ----------
    code, about, status
        As in the parameters.

    Examples
    --------
    >>> str(CrmRefusedError("Zoho", "INVALID_QUERY", "Colour", 400))
    'Zoho refused a request: INVALID_QUERY Colour'
    """

    def __init__(self, crm: str, code: str, about: str = "", status: int = 0, *, do: str = "") -> None:
        self.code, self.about, self.status = code, about, status
        super().__init__(f"{crm} refused a request: {code} {about}".rstrip()[:500], do=do)


class CrmHttp:
    """Requests to one account of a CRM. All requests are repeatable: they read, or set fields to given values.

    Parameters
    ----------
    http
        HTTP client.
    base
        Address that paths are added to.
    headers
        Returns the headers with the credentials, for each attempt.
    renew
        Called once after a 401; the request is repeated with new credentials. None: a 401 is final.
    read_quota
        Returns the quota in the headers of an answer, or None.
    quota_share
        Share of the daily limit that one run may use.
    own
        Statuses that the caller of a request interprets, in all requests.
    wait_initial_seconds
        Wait before the second attempt; it doubles each time, plus a random part as long as the first.

    Attributes
    ----------
    unit
        What the daily limit counts.
    base
        Address that paths are added to; `headers` may change it, where the answer to a token request names it.
    requests
        Requests sent, with repetitions.
    spent
        What they took from the daily limit: their number, unless the CRM weighs them.
    quota
        Latest quota of the CRM's answers; None before the first.
    clock_offset
        What the CRM's clock is ahead of this machine's, as its answers say; None before the first.
    """

    unit: ClassVar[str] = "requests"

    def __init__(
        self,
        http: HttpClient,
        base: str,
        headers: Callable[[], Mapping[str, str]],
        *,
        renew: Callable[[], None] | None = None,
        read_quota: Callable[[Mapping[str, str]], DailyQuota | None] = lambda _: None,
        quota_share: float = 1.0,
        own: Collection[int] = (),
        wait_initial_seconds: float = 0.5,
    ) -> None:
        self._http = http
        self.base = base
        self._headers = headers
        self._renew = renew
        self._read_quota = read_quota
        self._quota_share = quota_share
        self._own = frozenset(own)
        self._wait_initial_seconds = wait_initial_seconds
        self.requests = 0
        self.spent = 0
        self.quota: DailyQuota | None = None
        self.clock_offset: timedelta | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
        own: Collection[int] = (),
    ) -> httpx2.Response:
        """Send a request, repeat it while that may help, and return the answer.

        Parameters
        ----------
        method
            HTTP method.
        path
            Path below the base, or a full address that the CRM gave.
        params
            Query parameters.
        body
            JSON document.
        content
            Raw body instead of `body`; name its Content-Type in `headers`.
        headers
            Further headers.
        own
            Statuses that the caller interprets, besides those of the connection.

        Raises
        ------
        QuotaReachedError
            If the share of the day is used.
        UnauthorisedError
            If the credentials are refused, after one renewal.
        BusyError, UnansweredError
            If all attempts failed.
        """
        self._check_quota()
        sent = b"" if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        renewed = False
        for attempt in attempts(self._wait_initial_seconds, final=QuotaReachedError):
            with attempt:
                try:
                    answer = self._send(method, path, params, content or sent, {**kind, **headers}, {*self._own, *own})
                except UnauthorisedError:
                    if self._renew is None or renewed:
                        raise
                    renewed = True
                    self._renew()
                    answer = self._send(method, path, params, content or sent, {**kind, **headers}, {*self._own, *own})
        return answer

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return the JSON document of the answer; None where it has no body.

        Options are those of `request`.

        Raises
        ------
        UnansweredError
            If the answer is not JSON.
        """
        answer = self.request(method, path, **options)
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            raise UnansweredError("not JSON") from None

    def cost(self, method: str, path: str) -> int:
        """Return what a request takes from the daily limit; a connection whose CRM weighs requests overrides this."""
        del method, path
        return 1

    def judge(self, answer: httpx2.Response) -> None:
        """Raise the error for an answer that means something particular in one CRM; its connection overrides this."""

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        content: bytes,
        headers: Mapping[str, str],
        own: Collection[int],
    ) -> httpx2.Response:
        complete = {**self._headers(), **headers}  # first: the answer to a token request may set the base
        url = path if path.startswith(("http://", "https://")) else f"{self.base.rstrip('/')}/{path.lstrip('/')}"
        self.requests += 1
        self.spent += self.cost(method, path)
        answer = self._http.request(method, url, params=params, content=content, headers=complete, own=own)
        if (quota := self._read_quota(answer.headers)) is not None:
            self.quota = quota
        if (offset := clock_offset(answer.headers.get("date"), datetime.now(UTC))) is not None:
            # The time of travel counts as behind, so that the answer that came fastest says it best.
            self.clock_offset = offset if self.clock_offset is None else max(self.clock_offset, offset)
        self.judge(answer)
        return answer

    def _check_quota(self) -> None:
        """Raise where this run used its share of the day, or nothing is left for others."""
        if self.quota is None:
            return
        share = int(self.quota.limit * self._quota_share)
        if self.spent >= max(share, 1) or self.quota.remaining <= 0:
            raise QuotaReachedError(
                f"{self.spent:,} {self.unit} used of {share:,} for a run; {self.quota.remaining:,} of "
                f"{self.quota.limit:,} left today"
            )


def clock_offset(date: str | None, now: datetime) -> timedelta | None:
    """Return what a clock is ahead of ours by the Date header of its answer; None where it is not valid.

    Examples
    --------
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> clock_offset("Thu, 01 Jan 2026 00:00:30 GMT", now), clock_offset("soon", now)
    (datetime.timedelta(seconds=30), None)
    """
    try:
        return parsedate_to_datetime(date) - now if date else None
    except (ValueError, TypeError):
        return None


def json_object(answer: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object of an answer, such as an error; empty where it has none."""
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
