"""Rate limit of the public routes, per address of the visitor."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter

from serving.problems import Problem

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger()

PUBLIC = "/v1/forms/"
REDIS_OPTIONS: dict[str, Any] = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
IPV6_PREFIX = 64
"""A household or a server has a network of this size, and could send each request from another address of it."""


class AddressRateLimit:
    """ASGI middleware that refuses posts to public routes (429) beyond a number a minute and address.

    Parameters
    ----------
    app
        Next application.
    per_minute
        Posts of one address a minute; 0 for no limit.
    redis
        URL of a Redis that all processes count in; None counts in each process. While Redis is unavailable, nothing is
        refused.
    """

    def __init__(self, app: ASGIApp, per_minute: int, redis: str | None) -> None:
        self.app = app
        self.per_minute = per_minute
        self._pool: ConnectionPool | None = None
        storage: Storage = MemoryStorage()
        if redis is not None:
            from redis.asyncio import ConnectionPool

            self._pool = ConnectionPool.from_url(redis, **REDIS_OPTIONS)
            shared: dict[str, Any] = {"implementation": "redispy", "connection_pool": self._pool}
            storage = RedisStorage(f"async+{redis}", **shared)
        self._limiter = FixedWindowRateLimiter(storage)
        self._item = RateLimitItemPerMinute(max(per_minute, 1), namespace="leadworth")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or run the application until it ends."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            if self._pool is not None:
                await self._pool.aclose()
            return
        limited = self.per_minute and scope["type"] == "http" and scope["method"] == "POST"
        if limited and scope["path"].startswith(PUBLIC) and not await self._allows(client_network(scope)):
            problem = Problem(
                429,
                "too-many-requests",
                f"more than {self.per_minute} submissions a minute from this address; what to do: try again later",
                {"Retry-After": "60"},
            )
            await problem.response(scope)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _allows(self, address: str) -> bool:
        try:
            return await self._limiter.hit(self._item, address)
        except Exception as error:  # of the client library of Redis; a visitor must not notice it
            log.warning("rate limit not counted", error=type(error).__name__)
            return True


def client_network(scope: Scope) -> str:
    """Return what a visitor cannot change at will: the IPv4 address, or the first 64 bits of the IPv6 address.

    Examples
    --------
    >>> client_network({"client": ("::ffff:203.0.113.7", 1)}), client_network({"client": ("2001:db8::1:2", 1)})
    ('203.0.113.7', '2001:db8::')
    """
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> IPV6_PREFIX << IPV6_PREFIX))
    return str(address)
