"""Base class of the local peers of sources: the interface of one platform, served on this machine."""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from leadworth.fault_injection import Faults
from leadworth.peer_server import serve_peer
from reporting.pulls.simulated_days import SimulatedCampaign, SpendLine, Sums, restated, spend_lines, spend_sums

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response


@dataclass(frozen=True)
class SourceCall:
    """A request to a peer.

    Attributes
    ----------
    parts
        Parts of the path that its endpoint names.
    """

    method: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes


SourceHandler = Callable[[SourceCall], "Response"]


@dataclass
class RequestLimit:
    """Limit of requests in a time.

    Attributes
    ----------
    requests, seconds
        At most so many requests in any so many seconds.
    """

    requests: int = 200
    seconds: float = 1.0
    _times: deque[float] = field(default_factory=deque)

    def admit(self) -> bool:
        """Return whether one more request is within the limit, and count it then."""
        now = time.monotonic()
        while self._times and now - self._times[0] > self.seconds:
            self._times.popleft()
        if len(self._times) >= self.requests:
            return False
        self._times.append(now)
        return True

    def wait_seconds(self) -> float:
        """Return the time after which a request is within the limit."""
        if len(self._times) < self.requests:
            return 0.0
        return max(self._times[0] + self.seconds - time.monotonic(), 0.0) + 0.01


class PullPeer(ABC):
    """A source on this machine, with the rules, limits and errors of its platform.

    Parameters
    ----------
    last_day
        Newest day with data.

    Attributes
    ----------
    name
        Name of the source's folder.
    account_id
        Id of the account as in the settings.
    currency, zone
        Of the account.
    token
        Secret that requests must carry.
    limit
        Limit of requests, which tests may change.
    calls
        Requests that were answered, by endpoint.
    """

    name: ClassVar[str]
    account_id: ClassVar[str]
    currency: ClassVar[str] = "EUR"
    zone: ClassVar[str] = "Europe/Rome"

    def __init__(self, last_day: date) -> None:
        self.last_day = last_day
        self.token = f"{self.name}-sandbox-token"
        self.limit = RequestLimit()
        self.calls: Counter[str] = Counter()
        self.lock = threading.RLock()

    @classmethod
    def is_available(cls) -> bool:
        """Return whether the packages that the peer needs are installed."""
        return True

    @abstractmethod
    def settings(self, address: str) -> Mapping[str, Any]:
        """Return the settings of `[report.sources.<name>]` with which leadworth connects to this peer."""

    @abstractmethod
    def endpoints(self) -> Iterable[tuple[str, str, SourceHandler]]:
        """Return methods (such as "GET POST"), path and handler of each endpoint."""

    @abstractmethod
    def refusal(self, call: SourceCall) -> Response | None:
        """Return the answer to a request without the right credentials; None where they are right."""

    @abstractmethod
    def busy(self) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body of an answer to too many requests."""

    @abstractmethod
    def restate(self, day: date) -> None:
        """Change the figures of a day, as the platform does afterwards."""

    @abstractmethod
    def clear(self, day: date) -> None:
        """Remove everything of a day."""

    @abstractmethod
    def sums(self) -> Sums:
        """Return what the store must add up to, by name and day."""

    @contextmanager
    def serve(self, faults: Faults | None = None) -> Iterator[Mapping[str, Any]]:
        """Serve until the block ends; return the settings with which leadworth connects."""
        with serve_peer(self, faults=faults) as address:
            yield self.settings(address)

    def app(self) -> Starlette:
        """Return the application that answers as the platform does."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        return Starlette(
            routes=[
                Route(path, self._endpoint(path, handler), methods=methods.split())
                for methods, path, handler in self.endpoints()
            ]
        )

    def _endpoint(self, path: str, handler: SourceHandler) -> Callable[[Request], Any]:
        """Return an endpoint that checks limit and credentials before the handler."""
        from starlette.responses import Response

        async def endpoint(request: Request) -> Response:
            call = SourceCall(
                request.method,
                {name: str(value) for name, value in request.path_params.items()},
                dict(request.query_params),
                request.url.query,
                {name.lower(): value for name, value in request.headers.items()},
                await request.body(),
            )
            with self.lock:
                if not self.limit.admit():
                    status, headers, body = self.busy()
                    return Response(body, status, dict(headers), "application/json")
                if (refused := self.refusal(call)) is not None:
                    return refused
                self.calls[path] += 1
                return handler(call)

        return endpoint


class SpendPeer(PullPeer):
    """A peer whose account has spend.

    Attributes
    ----------
    campaigns
        Campaigns of the account.
    lines
        What happened, by campaign and day.
    """

    campaigns: ClassVar[tuple[SimulatedCampaign, ...]]

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        self.lines: list[SpendLine] = spend_lines(self.campaigns, last_day, seed=len(self.name))

    def between(self, first: date, last: date) -> list[SpendLine]:
        """Return the lines of a range."""
        return [line for line in self.lines if first <= line.day <= last]

    def restate(self, day: date) -> None:
        """Change the figures of a day."""
        with self.lock:
            self.lines = restated(self.lines, day)

    def clear(self, day: date) -> None:
        """Remove everything of a day."""
        with self.lock:
            self.lines = [line for line in self.lines if line.day != day]

    def sums(self) -> Sums:
        """Return cost, impressions and clicks by day."""
        return spend_sums(self.lines)


def json_reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer with a JSON document."""
    from starlette.responses import Response

    return Response(json.dumps(content), status, dict(headers or {}), "application/json")
