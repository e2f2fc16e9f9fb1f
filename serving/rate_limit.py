"""Rate limits: of the public routes per address of the visitor, of the other calls per API key."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter

from serving import service_metrics
from serving.problems import Problem

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger()

PUBLIC = ("/v1/forms/", "/report/login")
"""Begin of the paths whose posts need no API key."""
REDIS_OPTIONS: dict[str, Any] = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
IPV6_PREFIX = 64
"""A household or a server has a network of this size, and could send each request from another address of it."""


class MinuteLimit:
    """Number of requests that each caller may send in a minute.

    Parameters
    ----------
    callers
        Who is limited, `address` or `key`: label of the metric.
    per_minute
        Requests of one caller a minute, 1 or more.
    redis
        URL of a Redis that all processes count in; None counts in each process. While Redis is unavailable, nothing is
        refused.
    """

    def __init__(self, callers: str, per_minute: int, redis: str | None) -> None:
        self._callers = callers
        self._per_minute = per_minute
        self._pool: ConnectionPool | None = None
        storage: Storage = MemoryStorage()
        if redis is not None:
            from redis.asyncio import ConnectionPool

            self._pool = ConnectionPool.from_url(redis, **REDIS_OPTIONS)
            shared: dict[str, Any] = {"implementation": "redispy", "connection_pool": self._pool}
            storage = RedisStorage(f"async+{redis}", **shared)
        self._limiter = FixedWindowRateLimiter(storage)
        self._item = RateLimitItemPerMinute(per_minute, namespace=f"leadworth-{callers}")

    async def require(self, caller: str, counted: str) -> None:
        """Count a request of a caller.

        Parameters
        ----------
        caller
            Address, or id of an API key.
        counted
            What the limit counts, for the message.

        Raises
        ------
        Problem
            429 beyond the limit.
        """
        if not await self._hit(caller):
            service_metrics.RATE_LIMITED.labels(self._callers).inc()
            detail = f"more than {self._per_minute} {counted}; what to do: try again later"
            raise Problem(429, "too-many-requests", detail, {"Retry-After": "60"})

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _hit(self, caller: str) -> bool:
        try:
            return await self._limiter.hit(self._item, caller)
        except Exception as error:  # of the client library of Redis; a caller must not notice it
            log.warning("rate limit not counted", error=type(error).__name__)
            return True


class AddressRateLimit:
    """ASGI middleware that refuses posts to public routes (429) beyond a number a minute and address.

    Parameters
    ----------
    app
        Next application.
    limit
        Limit of an address; None: no limit.
    """

    def __init__(self, app: ASGIApp, limit: MinuteLimit | None) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        posted = scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(PUBLIC)
        if posted and self.limit is not None:
            try:
                await self.limit.require(client_network(scope), "submissions a minute from this address")
            except Problem as problem:
                await problem.response(scope)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def client_network(scope: Scope) -> str:
    """Return what a visitor cannot change at will: the IPv4 address, or the first 64 bits of the IPv6 address.

    All texts that are not addresses count as one caller.

    Examples
    --------
    >>> client_network({"client": ("::ffff:203.0.113.7", 1)}), client_network({"client": ("2001:db8::1:2", 1)})
    ('203.0.113.7', '2001:db8::')
    """
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return "no address"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> IPV6_PREFIX << IPV6_PREFIX))
    return str(address)
